"""One printed sheet, rasterised once for all tests."""

import pytest

from keju.algorithms.omr import CardFace, CardLayout, GreyImage, Titles, card_layout, print_cards, rasterise
from keju.algorithms.omr.degrading import fade

TITLES = Titles("2011年全国执业兽医资格考试", "第一场 Session 1", ("基础科目 Basic", "预防科目 Preventive"))


def face(ticket: str = "1132012345", **changes: object) -> CardFace:
    facts = {
        "titles": TITLES,
        "exam": "VET2011",
        "session": "AM",
        "name": "王小明",
        "room": "012",
        "seat": "17",
    }
    return CardFace(**{**facts, "ticket": ticket, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def layout() -> CardLayout:
    return card_layout(200, "ABCDE", 10)


@pytest.fixture(scope="session")
def sheet(layout: CardLayout) -> GreyImage:
    return fade(next(rasterise(print_cards(layout, [face()]))))
