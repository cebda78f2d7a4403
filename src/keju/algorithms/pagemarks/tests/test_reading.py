"""Photographs of a page are read as what stands on it, or not at all; `bench/whose_copy.py` says how often."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from keju.algorithms.pagemarks.drawing import page, symbol
from keju.algorithms.pagemarks.photographing import Grey, photograph, some
from keju.algorithms.pagemarks.places import CODES, MODULES, PAGE, QUIET, SIDE
from keju.algorithms.pagemarks.reading import read_codes

TEXT = "K7MPQ4XT000012"


@pytest.fixture(scope="module")
def drawn() -> Grey:
    return page(TEXT, np.random.default_rng(1), scale=6)


def seen(jpeg: bytes) -> Grey:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


@pytest.mark.parametrize("kind", ["turned", "part", "shadow"])
def test_a_photograph_names_what_stands_on_the_page(drawn: Grey, kind: str) -> None:
    rng = np.random.default_rng(3)
    shot = replace(some(kind, rng), long_side=1500)
    assert read_codes(seen(photograph(drawn, shot, rng))) == [TEXT]


@pytest.mark.parametrize("text", [TEXT, "ER5X26PQ000074", "385MDKEC000111"])
def test_a_code_is_square_whatever_its_letters(text: str) -> None:
    """One in five would otherwise be drawn 8 by 32, pressed into its square, and unreadable."""
    framed = symbol(text, 8 * (MODULES + 2 * QUIET))
    assert read_codes(np.kron(framed, np.ones((2, 2), np.uint8))) == [text]


def test_what_bears_no_code_says_nothing() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (300, 400)).astype(np.uint8)
    assert read_codes(noise) == [] and read_codes(np.full((40, 40), 255, np.uint8)) == []


def test_every_strip_of_the_page_as_high_as_six_centimetres_holds_a_whole_code() -> None:
    assert symbol(TEXT, 180).shape == (180, 180) and symbol(TEXT, MODULES + 2 * QUIET).min() == 0
    for side in {x for x, _ in CODES}:
        tops = sorted(y for x, y in CODES if x == side)
        assert tops[0] >= 5 and tops[-1] + SIDE <= PAGE[1] - 5
        assert max(b - a for a, b in pairwise(tops)) + SIDE <= 104  # of one edge
    tops = sorted({y for _, y in CODES})
    assert max(b - a for a, b in pairwise(tops)) + SIDE <= 60
