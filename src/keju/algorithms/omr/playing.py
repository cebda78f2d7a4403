"""Plays paper, pencil and scanner for a whole room: printed cards in, scanned images and the truth out.

For rehearsals. What a candidate knows follows a one-parameter logistic model (Rasch 1960): the chance of the right option is
logistic(ability − difficulty), a wrong one is any other with equal chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keju.algorithms.omr.degrading import Degradation, degrade, to_jpeg
from keju.algorithms.omr.layout import CardLayout, card_layout
from keju.algorithms.omr.marking_up import Marks, mark_up
from keju.algorithms.omr.raster import rasterise
from keju.algorithms.omr.reading import CardReading, Status, read_card

BLANK, DOUBLE, ERASED = 0.004, 0.002, 0.02
HARSH = 0.02  # share of sheets that were treated badly


@dataclass(frozen=True)
class Player:
    """One candidate of the room, in the order of the printed pages."""

    ability: float
    absent: bool = False
    violation: bool = False


@dataclass(frozen=True)
class Played:
    """A scanned card, what was really put on it, and what the reader says.

    `again`: the same sheet scanned with care, where the first scan could not be read at all.
    """

    jpeg: bytes
    truth: tuple[str, ...]
    reading: CardReading
    again: tuple[bytes, CardReading] | None = None


def play_room(
    pdf: bytes, size: tuple[int, str, int], key: str, players: Sequence[Player], seed: int
) -> list[Played]:
    """Mark up, scan and read every page of `pdf`; `size` is (questions, options, ticket digits). Same seed, same bytes."""
    layout = card_layout(*size)
    rng = np.random.default_rng(seed)
    difficulty = np.random.default_rng(len(key)).normal(0, 1, len(key))
    played = []
    for image, player in zip(rasterise(pdf), players, strict=True):
        marks = _marks(layout, key, player, difficulty, rng)
        marked = mark_up(image, layout, marks, rng)
        fault = _fault(rng)
        jpeg = to_jpeg(degrade(marked, fault, rng), fault.jpeg)
        reading = read_card(jpeg, layout)
        again = None
        if reading.status is Status.REFUSED:
            clean = to_jpeg(marked, 85)
            again = (clean, read_card(clean, layout))
        played.append(Played(jpeg, marks.truth(layout.options), reading, again))
    return played


def _marks(
    layout: CardLayout, key: str, player: Player, difficulty: np.ndarray, rng: np.random.Generator
) -> Marks:
    count, options = layout.questions, len(layout.options)
    nothing: tuple[tuple[int, ...], ...] = ((),) * count
    if player.absent:
        return Marks(nothing, nothing, absent=True, violation=player.violation)
    right = np.array([layout.options.index(letter) for letter in key])
    knows = rng.random(count) < 1 / (1 + np.exp(difficulty - player.ability))
    wrong = (right + rng.integers(1, options, count)) % options
    first = np.where(knows, right, wrong)
    other = (first + rng.integers(1, options, count)) % options
    kind, rubbed = rng.random(count), rng.random(count) < ERASED
    answers: list[tuple[int, ...]] = []
    erased: list[tuple[int, ...]] = []
    for q in range(count):
        a, b = int(first[q]), int(other[q])
        pair = BLANK <= kind[q] < BLANK + DOUBLE
        answers.append(() if kind[q] < BLANK else (min(a, b), max(a, b)) if pair else (a,))
        erased.append((b,) if rubbed[q] and not pair and kind[q] >= BLANK else ())
    return Marks(tuple(answers), tuple(erased), violation=player.violation)


def _fault(rng: np.random.Generator) -> Degradation:
    """A usual scan: a little crooked, a little noisy; now and then a harsh one."""
    harsh = rng.random() < HARSH
    return Degradation(
        rotation=float(np.clip(rng.normal(0, 0.5), -1.5, 1.5)),
        scale=float(rng.uniform(0.99, 1.01)),
        shift=(float(rng.uniform(-0.8, 0.8)), float(rng.uniform(-0.8, 0.8))),
        noise=float(rng.uniform(1, 2.5) if not harsh else 6.5),
        blur=0.5 if rng.random() < 0.3 else 0.0,
        specks=40 if not harsh else 300,
        stretch=0.0 if not harsh else 0.3,
        jpeg=80,
    )
