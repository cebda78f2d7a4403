"""How fast and how surely answer cards are read.

Prints the machine, CPU milliseconds per card from JPEG bytes beside the bare decoding of the same bytes (interleaved,
medians), silent errors out of positions (bubbles), and the share of questions that goes to a person.

    python bench/card_reading.py [--cards 200] [--timed 40] [--seed 1] [--faults]
"""

import argparse
import os
import platform
import statistics
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from keju.algorithms.omr import (
    CardFace,
    CardLayout,
    CardReading,
    GreyImage,
    Marks,
    State,
    Status,
    Titles,
    card_layout,
    print_cards,
    random_marks,
    rasterise,
    read_card,
    reading_hash,
)
from keju.algorithms.omr.simulating import CLASSES, Maker, harsh, scan, typical

TITLES = Titles("2011年全国执业兽医资格考试", "第一场 Session 1", ("基础科目 Basic", "预防科目 Preventive"))


def machine() -> str:
    """Processor, cores and versions on one line."""
    name = platform.processor() or platform.machine()
    try:
        with Path("/proc/cpuinfo").open() as lines:
            name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    load = os.getloadavg()[0]
    return f"{name}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, OpenCV {cv2.__version__}"


def sheets(layout: CardLayout, count: int) -> list[GreyImage]:
    """Rasterised cards of different candidates."""
    faces = [
        CardFace(TITLES, "VET2011", "AM", f"1132{n * 7919 % 1_000_000:06d}", "王小明", f"{n:03d}", "17")
        for n in range(count)
    ]
    return list(rasterise(print_cards(layout, faces)))


def scanned(layout: CardLayout, sheet: GreyImage, make: Maker, seed: list[int]) -> tuple[bytes, Marks]:
    """One card's JPEG bytes and what was put on it."""
    rng = np.random.default_rng(seed)
    fault, pencil = make(rng)
    marks = random_marks(layout, rng, blank=0.02, double=0.02, erased=0.04)
    return scan(sheet, layout, marks, rng, fault, pencil), marks


def wrong_positions(reading: CardReading, marks: Marks, layout: CardLayout) -> int:
    """Bubbles of settled questions whose reading differs from what was marked."""
    total = 0
    for answer, true in zip(reading.answers, marks.truth(layout.options), strict=True):
        if answer.state is not State.DOUBTFUL:
            total += len(set(answer.answer) ^ set(true))
    return total


def accuracy(
    name: str, make: Maker, layout: CardLayout, images: list[GreyImage], cards: int, seed: int
) -> None:
    """Reads `cards` cards of a mix and prints what became of them."""
    wrong = doubtful = whole = passed = 0
    why: Counter[str] = Counter()
    options = len(layout.options)
    for n in range(cards):
        data, marks = scanned(layout, images[n % len(images)], make, [seed, n])
        reading = read_card(data, layout)
        why.update(reason.value for reason in reading.reasons)
        passed += reading.status is Status.OK
        if reading.whole_card:
            whole += 1
            continue
        wrong += wrong_positions(reading, marks, layout)
        doubtful += len(reading.doubtful)
    settled = (cards - whole) * layout.questions
    share = doubtful / settled if settled else 0.0
    print(
        f"{name:15s} {cards} cards: {wrong} silent errors in {settled * options:,} positions; to a person: "
        f"{share:.3%} of questions, {whole / cards:.2%} whole cards; passed untouched {passed / cards:.1%}"
    )
    print(" " * 15, ", ".join(f"{reason} {count}" for reason, count in why.most_common()) or "no findings")


def speed(name: str, make: Maker, layout: CardLayout, images: list[GreyImage], timed: int, seed: int) -> None:
    """Interleaves bare decoding and reading of the same bytes; prints medians and their ratio."""
    files = [scanned(layout, images[n % len(images)], make, [seed, 7, n])[0] for n in range(timed)]
    read_card(files[0], layout)
    bare, whole, walls = [], [], []
    for data in files * 3:
        start = time.process_time()
        simplejpeg.decode_jpeg(data, colorspace="GRAY")
        middle, wall = time.process_time(), time.perf_counter()
        read_card(data, layout)
        whole.append(time.process_time() - middle)
        walls.append(time.perf_counter() - wall)
        bare.append(middle - start)
    decode, read, wall = (statistics.median(times) * 1000 for times in (bare, whole, walls))
    ratio = statistics.median(b / w for b, w in zip(bare, whole))
    size = statistics.median(map(len, files)) / 1000
    print(
        f"{name:15s} {read:.1f} ms CPU a card (best {min(whole) * 1000:.1f}; wall {wall:.1f}); bare decode of the "
        f"same {size:.0f} KB {decode:.1f} (best {min(bare) * 1000:.1f}); speed = {ratio:.2f} of bare decode"
    )


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=200)
    parser.add_argument("--timed", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", action="store_true", help="also every class of faults, 20 cards each")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    layout = card_layout(200, "ABCDE", 10)
    images = sheets(layout, 8)
    print(machine())
    for name, make in (("typical", typical), ("harsh", harsh)):
        speed(name, make, layout, images, options.timed, options.seed)
    for name, make in (("typical", typical), ("harsh", harsh)):
        accuracy(name, make, layout, images, options.cards, options.seed)
    data, _ = scanned(layout, images[0], harsh, [options.seed, 0])
    same = len({reading_hash(read_card(data, layout)) for _ in range(5)}) == 1
    print("five readings of one card agree bit by bit:", same)
    for fault in CLASSES if options.faults else ():
        accuracy(fault.name + ("!" if fault.flagged else ""), fault.make, layout, images, 20, options.seed)


if __name__ == "__main__":
    main()
