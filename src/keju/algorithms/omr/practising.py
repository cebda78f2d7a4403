"""A practice scanner: printed cards come back marked and scanned, for rehearsals that people play."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from keju.algorithms.omr.degrading import Degradation
from keju.algorithms.omr.layout import CardLayout
from keju.algorithms.omr.marking_up import Marks, Pencil
from keju.algorithms.omr.raster import rasterise
from keju.algorithms.omr.simulating import scan

SPREAD, LEVEL = 1.0, 0.45  # abilities and difficulties: about 60 % right, 30 to 90 among candidates
BLANK, DOUBLE = 0.004, 0.002


@dataclass(frozen=True)
class Sitter:
    """Whose card it is (any stable text, for the draw) and what the invigilators marked on it."""

    name: str
    absent: bool = False
    violation: bool = False


def practice_key(seed: str, questions: int, options: str) -> list[str]:
    """A key drawn from the seed: the same on every machine, each option about equally often."""
    rng = _rng(seed, "key")
    return [options[i] for i in rng.integers(0, len(options), questions).tolist()]


def practice_scans(
    pdf: bytes, layout: CardLayout, sitters: Sequence[Sitter], key: Sequence[str], seed: str
) -> Iterator[bytes]:
    """A JPEG for each page of `pdf`, in order, as a scanner would give it back; equal input gives equal bytes.

    Every sitter answers by an own ability against questions of differing difficulty (one parameter, logistic).
    """
    difficulty = _rng(seed, "questions").normal(0, SPREAD, len(key))
    for page, sitter in zip(rasterise(pdf), sitters, strict=True):
        rng = _rng(seed, sitter.name)
        yield scan(
            page,
            layout,
            _marks(layout, sitter, key, difficulty.tolist(), rng),
            rng,
            _light(rng),
            _pencil(rng),
        )


def _marks(
    layout: CardLayout,
    sitter: Sitter,
    key: Sequence[str],
    difficulty: Sequence[float],
    rng: np.random.Generator,
) -> Marks:
    n, options = layout.questions, layout.options
    if sitter.absent:
        return Marks(((),) * n, absent=True)
    ability = rng.normal(LEVEL, SPREAD)
    luck, kind = rng.random(n).tolist(), rng.random(n).tolist()
    others = rng.integers(1, len(options), n).tolist()
    answers: list[tuple[int, ...]] = []
    for q, right in enumerate(key):
        best = options.index(right)
        chance = 1 / (1 + float(np.exp(difficulty[q] - ability)))
        chosen = best if luck[q] < chance else (best + others[q]) % len(options)
        second = (chosen + others[q]) % len(options)
        pair = kind[q] < BLANK + DOUBLE
        answers.append(() if kind[q] < BLANK else tuple(sorted((chosen, second))) if pair else (chosen,))
    return Marks(tuple(answers), violation=sitter.violation)


def _light(rng: np.random.Generator) -> Degradation:
    return Degradation(
        rotation=float(rng.uniform(-0.8, 0.8)),
        shift=(float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
        noise=float(rng.uniform(1.5, 2.5)),
        blur=float(rng.uniform(0.4, 0.6)),
        quarter_turns=2 if rng.random() < 0.03 else 0,
        jpeg=80,
    )


def _pencil(rng: np.random.Generator) -> Pencil:
    """Most press well; one in twenty also ticks now and then, so that there is something to decide."""
    tone = float(rng.uniform(50, 90))
    careless = (("fill", 0.98), ("tick", 0.01), ("part", 0.01)) if rng.random() < 0.05 else (("fill", 1.0),)
    return Pencil(grey=(tone - 10, tone + 10), coverage=(0.85, 1.1), styles=careless)


def _rng(seed: str, name: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
