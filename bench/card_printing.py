"""How many answer cards a second one core prints, the template drawn once, beside drawing it on every page.

python bench/card_printing.py [--cards 5000]
"""

import argparse
import os
import platform
import time

from keju.algorithms.omr import CardFace, Titles, card_layout, print_cards

TITLES = Titles("2011年全国执业兽医资格考试", "第一场 Session 1", ("基础科目 Basic", "预防科目 Preventive"))
NAMES = ("王小明", "欧阳致远", "阿不都热西提·买买提吐尔逊江·艾合麦提托合提玉素甫", "𠮷田", "李娜")


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=5000)
    count = parser.parse_args().cards
    layout = card_layout(200, "ABCDE", 10)
    faces = [
        CardFace(
            TITLES, "VET2011", "AM", f"113201{n:04d}", NAMES[n % 5], f"{n // 30:03d}", f"{n % 30 + 1:02d}"
        )
        for n in range(count)
    ]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    )
    start, wall = time.process_time(), time.perf_counter()
    first = print_cards(layout, faces[:1])
    once = time.process_time() - start
    print(
        f"first card with fonts: {once * 1000:.0f} ms CPU, {time.perf_counter() - wall:.2f} s wall, {len(first) / 1000:.0f} KB"
    )
    start, wall = time.process_time(), time.perf_counter()
    pdf = print_cards(layout, faces)
    spent, passed = time.process_time() - start, time.perf_counter() - wall
    print(
        f"{count} cards in {spent:.2f} s CPU ({passed:.2f} s wall): {count / spent:,.0f} cards/s per core, "
        f"{len(pdf) / count / 1000:.1f} KB a card"
    )
    start = time.process_time()
    for n in range(5):
        own = [
            CardFace(Titles(f"{n} {TITLES.exam}", TITLES.session, TITLES.subjects), *_rest(face))
            for face in faces[n : n + 1]
        ]
        print_cards(layout, own)
    print(f"a batch of one, template and fonts every time: {5 / (time.process_time() - start):.1f} cards/s")


def _rest(face: CardFace) -> tuple[str, str, str, str, str, str]:
    return face.exam, face.session, face.ticket, face.name, face.room, face.seat


if __name__ == "__main__":
    main()
