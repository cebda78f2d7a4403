"""Seconds and peak memory for seating and numbering 10,000, 100,000 and 1,000,000 candidates.

    python bench/seating.py

Points of about 3,300 candidates in two categories, rooms of 30. Each size runs in its own process, three
times; the median counts. Ends with 1 if a hundredfold of candidates costs more than 130 times as much.
"""

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from keju.algorithms.seating import Candidates, Rooms, allocate, permutation_keys, ticket_numbers

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3
LAYOUT = [("year", 2), ("region", 2), ("point", 2), ("serial", 4)]
PER_POINT = 3_300


def country(size: int) -> tuple[Candidates, Rooms]:
    """Made-up candidates and enough rooms for them; the keys still to be drawn."""
    random = np.random.default_rng(1)
    points = max(1, size // PER_POINT)
    point = random.integers(0, points, size)
    candidates = Candidates(
        point, random.integers(0, 2, size), np.zeros(size, np.uint64), random.permutation(size)
    )
    per_point = int(np.bincount(point).max()) // 30 + 3
    count = points * per_point
    fixed = [np.full(count, number) for number in (30, 30, 5, 6)]
    order = np.tile(np.arange(per_point), points)
    return candidates, Rooms(np.repeat(np.arange(points), per_point), order, *fixed)


def measure(size: int) -> None:
    """Prints seconds for keys, allocation and numbers, and the peak of memory in MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    candidates, rooms = country(size)
    started = time.perf_counter()
    keys = permutation_keys(bytes(32), candidates.ident.tolist())
    keyed = time.perf_counter()
    drawn = Candidates(candidates.point, candidates.category, keys, candidates.ident)
    done = allocate(drawn, rooms)
    allocated = time.perf_counter()
    if done.refusals:
        raise SystemExit(f"refused: {done.refusals[:3]}")
    for point, count in enumerate(np.bincount(candidates.point).tolist()):
        region, own = divmod(point, 100)
        ticket_numbers(2011, f"{region:02}", f"{own:02}", first_serial=1, count=count, layout=LAYOUT)
    numbered = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = (keyed - started, allocated - keyed, numbered - allocated)
    print(*times, (peak - before) / 1024, peak / 1024)


def main() -> int:
    print(f"{platform.platform()} · {os.cpu_count()} cores · Python {platform.python_version()}")
    print(f"numpy {np.__version__} · median of {ROUNDS}")
    print("  candidates   keys s  seats s numbers s    all s MB above     MB")
    totals: list[float] = []
    for size in SIZES:
        runs = [one_run(size) for _ in range(ROUNDS)]
        keys, seats, numbers, above, peak = (statistics.median(column) for column in zip(*runs))
        totals.append(keys + seats + numbers)
        seconds = f"{keys:>8.3f} {seats:>8.3f} {numbers:>9.3f} {totals[-1]:>8.3f}"
        print(f"{size:>12,} {seconds} {above:>8.0f} {peak:>6.0f}")
    growth = totals[-1] / totals[0]
    print(f"100 times the candidates cost {growth:.0f} times the seconds")
    return int(growth > 130)


def one_run(size: int) -> list[float]:
    command = [sys.executable, str(Path(__file__)), str(size)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        raise SystemExit(main())
