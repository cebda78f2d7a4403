"""Checking identity photos (V5.2.2): milliseconds a photo, and how often the verdict is the labelled one.

    python bench/photo_check.py [--good 96] [--rounds 6] [--seed 1]

The photos are generated, so the hit rate says that the checks tell these flaws apart; it says nothing about
photographs of real people.
"""

import argparse
import os
import platform
import statistics
import time
from collections import Counter
from pathlib import Path

import cv2

from keju.algorithms.photo import PhotoLimits, examine, recompress
from keju.algorithms.synthetic.faces import SyntheticPhoto, photo_pool
from keju.algorithms.synthetic.spoilt import SPOILT

LIMITS = PhotoLimits(1.46, 0.05, 189, (230, 334), 20, 40)
GOAL_MS = 12.0


def machine() -> str:
    """Processor, cores, load, and the versions that matter."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, OpenCV {cv2.__version__}"


def timed(photos: list[SyntheticPhoto]) -> tuple[float, float, float]:
    """Median and 95th percentile of the wall time, and median CPU time, of one examination in ms."""
    examine(photos[0].jpeg, limits=LIMITS)
    wall, cpu = [], []
    for photo in photos:
        begun, begun_cpu = time.perf_counter(), time.process_time()
        examine(photo.jpeg, limits=LIMITS)
        wall.append((time.perf_counter() - begun) * 1e3)
        cpu.append((time.process_time() - begun_cpu) * 1e3)
    return statistics.median(wall), sorted(wall)[int(len(wall) * 0.95)], statistics.median(cpu)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--good", type=int, default=96)
    options.add_argument("--rounds", type=int, default=6)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    print(machine())
    begun, begun_cpu = time.perf_counter(), time.process_time()
    pool = photo_pool(chosen.seed, chosen.good, chosen.rounds * len(SPOILT))
    each, each_cpu = (
        (t * 1e3 / len(pool)) for t in (time.perf_counter() - begun, time.process_time() - begun_cpu)
    )
    print(f"drawing: {len(pool)} photos, {each:.0f} ms each ({each_cpu:.0f} ms CPU)")
    middle, late, cpu = timed(pool[: chosen.good])
    print(
        f"examine, 230 × 334: median {middle:.1f} ms, 95 % {late:.1f} ms, CPU {cpu:.1f} ms (goal {GOAL_MS:.0f})"
    )
    begun_cpu = time.process_time()
    for photo in pool[:12]:
        recompress(photo.jpeg, limits=LIMITS)
    print(f"recompress: {(time.process_time() - begun_cpu) / 12 * 1e3:.1f} ms CPU")
    seen: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for photo in pool:
        failing = {f.criterion for f in examine(photo.jpeg, limits=LIMITS).findings if not f.passed}
        seen[photo.label] += 1
        hits[photo.label] += failing == photo.failing
    for label, count in seen.items():
        print(f"  {label:18} {hits[label]:4} of {count:4} exactly as labelled")
    print(f"hit rate: {sum(hits.values())} of {len(pool)}")


if __name__ == "__main__":
    main()
