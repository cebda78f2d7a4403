"""Runs the steps one after another and measures each."""

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from keju.web.rehearsal.world import Step, World

WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@dataclass(frozen=True)
class Measured:
    """What a step did and how long it took: by the clock, and in seconds of processor time of this process and of
    children that ended (the database server's are not among them). `peak_mb` is the highest resident memory of this
    process or of one child until then, in MB.
    """

    stage: str
    counts: dict[str, int]
    seconds: float
    cpu: float
    peak_mb: float


def run_steps(
    world: World, steps: list[Step], bar: Callable[[Step, World], Callable[[int], None]]
) -> Iterator[Measured]:
    """Each step in order; `bar` gives the function that moves the step's progress bar."""
    for step in steps:
        yield _measured(step.stage, partial(step.run, world, bar(step, world)))
        if step.papers is not None and world.papers is not None:
            yield _measured(f"{step.stage}: PDF", partial(step.papers, world))


def _measured(name: str, work: Callable[[], dict[str, int]]) -> Measured:
    start, used = time.perf_counter(), _cpu()
    counts = work()
    return Measured(name, counts, time.perf_counter() - start, _cpu() - used, _peak())


def _cpu() -> float:
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in WHO)


def _peak() -> float:
    return max(resource.getrusage(who).ru_maxrss for who in WHO) / 1024
