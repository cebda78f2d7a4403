"""A pool of drawn identity photos, good and bad, each with what an examination should say of it."""

from dataclasses import dataclass

import numpy as np

from keju.algorithms.photo.findings import Criterion
from keju.algorithms.synthetic.canvas import Canvas
from keju.algorithms.synthetic.darkroom import develop
from keju.algorithms.synthetic.likeness import Sex, draw_likeness
from keju.algorithms.synthetic.portrait import HEIGHT, WIDTH, paint_person
from keju.algorithms.synthetic.spoilt import SPOILT

GOOD = "good"


@dataclass(frozen=True, slots=True)
class SyntheticPhoto:
    """`label` is "good" or the name of the flaw; `failing` are the criteria that must refuse it."""

    jpeg: bytes
    label: str
    failing: frozenset[Criterion]
    sex: Sex


def sex_of(index: int) -> Sex:
    """The sex of the person on the photo at that place of the pool: even women, odd men."""
    return "M" if index % 2 else "F"


def photo_pool(seed: int, n_good: int, n_bad: int) -> list[SyntheticPhoto]:
    """First `n_good` good photos, then `n_bad` bad ones going round the flaws; the same for the same seed.

    Every photo has its own stream of random numbers, so the first ones do not depend on how many follow.
    """
    return [photo_at(seed, place, n_good) for place in range(n_good + n_bad)]


def photo_at(seed: int, place: int, n_good: int) -> SyntheticPhoto:
    """The photo at that place of the pool, drawn without the others."""
    return _good(seed, place) if place < n_good else _bad(seed, place - n_good, place)


def _good(seed: int, index: int) -> SyntheticPhoto:
    random, sex = np.random.default_rng((seed, 0, index)), sex_of(index)
    canvas = Canvas(WIDTH, HEIGHT, (0, 0, 0))
    paint_person(canvas, draw_likeness(random, sex), random)
    return SyntheticPhoto(develop(canvas.finished(), random), GOOD, frozenset(), sex)


def _bad(seed: int, index: int, place: int) -> SyntheticPhoto:
    random, sex = np.random.default_rng((seed, 1, index)), sex_of(place)
    label = list(SPOILT)[index % len(SPOILT)]
    data, failing = SPOILT[label](random, sex)
    return SyntheticPhoto(data, label, failing, sex)
