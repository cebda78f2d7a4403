"""A rehearsed year through tickets, without PDFs, for 10,000 and 100,000 candidates: time, memory, growth.

    python bench/rehearsal.py [SIZE …]

Each size runs in a process and a scratch database of its own. Goals for 100,000 on 2 cores: 240 s, 1.5 GB, seating and
numbering together below 5 s, and no more than ten times what 10,000 cost. Seconds by the clock are true only on an idle
machine; processor seconds are this process's and PostgreSQL's together, which take turns, so that on an idle machine the
clock shows about their sum. Opening, which tells every candidate, is a step of its own here. Memory is the peak of this
process plus what PostgreSQL holds at the end of the heaviest stage (shared memory counted once). Ends with 1 if a goal is
missed by processor seconds.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

from _processes import held_mb, postgres_cpu, server_of

SIZES = (10_000, 100_000)
GOAL_SECONDS, GOAL_MB, GOAL_SEATS = 240, 1536, 5


def main(sizes: list[int]) -> int:
    print(f"{platform.platform()} · {os.cpu_count()} cores · Python {platform.python_version()}")
    runs = {size: _run(size) for size in sizes}
    least, most = min(runs), max(runs)
    growth = runs[most]["cpu"] / runs[least]["cpu"]
    if len(runs) > 1:
        print(f"{most // least} times the candidates cost {growth:.1f} times the processor seconds")
    if most < SIZES[-1]:
        return 0
    worst = runs[most]
    print(f"goals at {most:,}: {GOAL_SECONDS} s, {GOAL_MB} MB, seating and numbering {GOAL_SEATS} s")
    missed = worst["cpu"] > GOAL_SECONDS or worst["mb"] > GOAL_MB or worst["seats"] > GOAL_SEATS
    return int(missed or growth > most / least)


def _run(size: int) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__)), "--one", str(size)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    *stages, total = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    load = os.getloadavg()[0]
    print(f"\n{size:,} candidates (load {load:.1f})   seconds  python CPU  postgres CPU")
    for one in [*stages, total]:
        print(f"  {one['stage']:<22} {one['seconds']:12.1f} {one['python']:11.1f} {one['postgres']:13.1f}")
    seats = sum(one["python"] + one["postgres"] for one in stages if one["stage"] in ("seating", "numbering"))
    cpu = total["python"] + total["postgres"]
    print(
        f"  processor seconds {cpu:.1f}, of them seating and numbering {seats:.1f}; memory {total['mb']:.0f} MB"
    )
    return {"cpu": cpu, "mb": total["mb"], "seats": seats}


def one(size: int) -> None:
    """One rehearsal in this process; prints a line of JSON per stage and one for all."""
    from keju.web.cli._common import with_django
    from keju.web.rehearsal.scratch import scratch

    with scratch(1) as folder:
        with_django()
        from keju.web.rehearsal.calendar import calendar
        from keju.web.rehearsal.steps import STEPS, until_stage, venues
        from keju.web.rehearsal.world import Step, World

        steps = [
            *until_stage(STEPS, "seating"),
            Step("numbering", venues.number),
            Step("opening", lambda world, tick: venues.open_up(world)),
        ]

        server = server_of(folder.path)
        world = World("veterinarian", 2011, size, 1, calendar(2011), None)
        first, held = _mark(server), 0.0
        for step in steps:
            before = _mark(server)
            step.run(world, lambda done: None)
            held = max(held, held_mb(server))
            _say(step.stage, before, _mark(server))
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        _say("all", first, _mark(server), mb=own + held)


def _mark(server: int) -> tuple[float, float, float]:
    """Clock, this process's and the database server's processor seconds so far."""
    return time.perf_counter(), time.process_time(), postgres_cpu(server)


def _say(stage: str, before: tuple[float, ...], after: tuple[float, ...], **more: float) -> None:
    seconds, python, postgres = (b - a for a, b in zip(before, after, strict=True))
    print(
        json.dumps({"stage": stage, "seconds": seconds, "python": python, "postgres": postgres, **more}),
        flush=True,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(int(sys.argv[2]))
    else:
        raise SystemExit(main([int(word) for word in sys.argv[1:]] or list(SIZES)))
