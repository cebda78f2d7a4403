"""The practice scanner gives cards that read cleanly with spread scores; the pool reads as one process does."""

import numpy as np

from keju.algorithms.omr import (
    CardLayout,
    Sitter,
    Status,
    practice_key,
    practice_scans,
    print_cards,
    read_card,
    read_many,
    reading_hash,
    straightened,
)
from keju.algorithms.omr.degrading import to_jpeg
from keju.algorithms.omr.tests.conftest import face


def scans(layout: CardLayout, n: int = 10) -> tuple[list[bytes], list[str]]:
    key = practice_key("drill/1", layout.questions, layout.options)
    pdf = print_cards(layout, [face(f"11320123{i:02d}") for i in range(n)])
    sitters = [Sitter(str(i), absent=i == 1, violation=i == 2) for i in range(n)]
    return list(practice_scans(pdf, layout, sitters, key, "drill/1")), key


def test_practice_cards_read_and_score_like_an_exam_and_the_pool_agrees(layout: CardLayout) -> None:
    images, key = scans(layout)
    again, _ = scans(layout, 3)
    assert images[:3] == again, "the same seed, the same bytes"
    readings = read_many(images, layout, processes=2)
    assert [reading_hash(r) for r in readings] == [reading_hash(read_card(i, layout)) for i in images]
    assert [r.ticket for r in readings] == [f"11320123{i:02d}" for i in range(10)]
    assert sum(r.status is Status.OK for r in readings) >= 8
    assert [r.absent for r in readings] == [i == 1 for i in range(10)] and readings[2].violation
    right = [sum(a.answer == k for a, k in zip(r.answers, key)) for r in readings if not r.absent]
    assert max(right) - min(right) > 40 and 80 < np.mean(right) < 160


def test_a_turned_and_shifted_card_is_shown_straight(layout: CardLayout) -> None:
    images, _ = scans(layout, 1)
    shown, found = straightened(images[0], layout)
    assert found
    assert read_card(shown, layout).answers[0].answer == read_card(images[0], layout).answers[0].answer
    blank, found = straightened(to_jpeg(np.full((2000, 1400), 250, np.uint8)), layout)
    assert not found and blank[:2] == b"\xff\xd8"
