"""Seconds and peak memory for choosing hosts: the largest provinces, and a nation that is not divided into provinces.

    python bench/siting.py

Goals: a province of 21 prefectures proven optimal in 10 s; 333 prefectures within 1 % in 60 s. Real places; candidates are
drawn (log-normal, as uneven as offices report), for the nation a million. Each question runs in a process of its own, three
times; the median counts. Ends with 1 if a goal is missed.
"""

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import highspy
import numpy as np

from keju.algorithms.siting import OutOfTime, Point, Siting, Terms, site
from keju.kernel.offices.divisions import MUNICIPALITIES, points
from keju.kernel.offices.positions import position

ROUNDS = 3
TERMS = Terms(minimum=300, most=9_999, host_km=10_000, small_km=50_000, missing_km=100)
CODES = [p.code for p in points() if p.parent not in MUNICIPALITIES]
LIMIT = {"44": 10.0, "51": 10.0, "nation": 60.0}
QUESTIONS = (
    # name, region, candidates in all, whether rooms are scarce
    ("Guangdong, 21 points", "44", 60_000, False),
    ("Guangdong, few candidates", "44", 6_000, False),
    ("Guangdong, rooms scarce", "44", 6_000, True),
    ("Sichuan, 21 points", "51", 40_000, False),
    ("Sichuan, few candidates", "51", 6_000, False),
    ("Sichuan, rooms scarce", "51", 6_000, True),
    ("333 points, a million", "nation", 1_000_000, False),
    ("333 points, 100,000", "nation", 100_000, False),
    ("333 points, 100,000, rooms scarce", "nation", 100_000, True),
)


def question(region: str, total: int, scarce: bool) -> list[Point]:
    """So many candidates over the prefectures; scarce: each has rooms for 0.8 to 2.2 times its own, and the largest
    tenth, whom no neighbour could take in, at least for themselves."""
    random = np.random.default_rng(7)
    codes = [code for code in CODES if region in ("nation", code[:2])]
    weight = random.lognormal(0, 1, len(codes))
    counts = np.clip(np.rint(weight / weight.sum() * total), 1, TERMS.most).astype(int)
    rooms = np.clip(np.rint(counts * random.uniform(0.8, 2.2, len(codes))), 30, TERMS.most).astype(int)
    seats = np.where(counts >= np.quantile(counts, 0.9), np.maximum(rooms, counts), rooms)
    return [
        Point(code, int(n), position(code).longitude, position(code).latitude, int(s) if scarce else None)
        for code, n, s in zip(codes, counts, seats, strict=True)
    ]


def measure(number: int) -> None:
    """Prints seconds, gap, hosts, kilometres and peak memory in MB."""
    _, region, total, scarce = QUESTIONS[number]
    asked = question(region, total, scarce)
    started = time.perf_counter()
    try:
        found = site(asked, TERMS, seconds=LIMIT[region])
    except OutOfTime:
        found = Siting({}, site([], TERMS, seconds=1).cost, -1)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, found.gap if found.host else 1, found.cost.hosts, found.cost.small, found.cost.km, peak)


def main() -> int:
    solver = highspy.Highs().version()
    print(
        f"{platform.platform()} · {os.cpu_count()} cores · Python {platform.python_version()} · HiGHS {solver}"
    )
    print(f"one thread · median of {ROUNDS} · load before {os.getloadavg()[0]:.1f}")
    print(f"{'':36}{'seconds':>8} {'gap %':>7} {'hosts':>6} {'small':>6} {'km each':>8} {'MB':>5}")
    missed = 0
    for number, (name, region, _, scarce) in enumerate(QUESTIONS):
        runs = [one_run(number) for _ in range(ROUNDS)]
        seconds, gap, hosts, small, km, peak = (
            statistics.median(column) for column in zip(*runs, strict=True)
        )
        candidates = sum(p.candidates for p in question(region, QUESTIONS[number][2], scarce))
        figures = (
            f"{seconds:8.2f} {gap * 100:7.3f} {hosts:6.0f} {small:6.0f} {km / candidates:8.1f} {peak:5.0f}"
        )
        print(f"{name:36}{figures}")
        missed += seconds > LIMIT[region] + 1 or gap > (0.01 if region == "nation" else 0)
    divided(1_000_000)
    divided(100_000)
    return int(missed > 0)


def divided(total: int) -> None:
    """The same nation province by province, as the rules have it: each region decides for itself."""
    asked = question("nation", total, False)
    started = time.perf_counter()
    answers = [
        site([p for p in asked if p.code[:2] == region], TERMS, seconds=10)
        for region in sorted({code[:2] for code in CODES})
    ]
    seconds = time.perf_counter() - started
    proven = sum(a.optimal for a in answers)
    hosts, km = sum(a.cost.hosts for a in answers), sum(a.cost.km for a in answers)
    print(f"{total:,}, province by province: {seconds:.2f} s, {proven} of {len(answers)} proven,", end=" ")
    print(f"{hosts} hosts, {km / sum(p.candidates for p in asked):.1f} km each")


def one_run(number: int) -> list[float]:
    command = [sys.executable, str(Path(__file__)), str(number)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        raise SystemExit(main())
