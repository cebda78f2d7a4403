"""Runs the steps one after another and measures each."""

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from keju.web.rehearsal.world import Step, World


@dataclass(frozen=True)
class Measured:
    """What a step did, how long it took, and the peak memory of this process and its children so far (MB)."""

    stage: str
    counts: dict[str, int]
    seconds: float
    peak_mb: float


def run_steps(
    world: World, steps: list[Step], bar: Callable[[Step, World], Callable[[int], None]]
) -> Iterator[Measured]:
    """Each step in order; `bar` gives the function that moves the step's progress bar."""
    for step in steps:
        start = time.perf_counter()
        counts = step.run(world, bar(step, world))
        yield Measured(step.stage, counts, time.perf_counter() - start, _peak())


def _peak() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, children) / 1024
