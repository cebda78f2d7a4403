"""The labelled set: every kind of good and bad photo, so many of each, with what an examination must say of them."""

from collections.abc import Iterator

import numpy as np

from keju.algorithms.synthetic.faces import GOOD, SyntheticPhoto, sex_of
from keju.algorithms.synthetic.flaws import FLAWS
from keju.algorithms.synthetic.sound import SOUND
from keju.algorithms.synthetic.spoilt import SPOILT


def labels() -> list[str]:
    """Every class; those of good photos begin with "good, "."""
    return [*(f"{GOOD}, {name}" for name in SOUND), *SPOILT, *FLAWS]


def labelled(seed: int, each: int) -> Iterator[SyntheticPhoto]:
    """`each` photos of every class, class by class, half of women and half of men; the same for the same seed."""
    for place, label in enumerate(labels()):
        for index in range(each):
            yield _made(label, np.random.default_rng((seed, 2, place, index)), index)


def _made(label: str, random: np.random.Generator, index: int) -> SyntheticPhoto:
    sex = sex_of(index)
    if label in SPOILT:
        data, failing = SPOILT[label](random, sex)
    elif label in FLAWS:
        make, failing = FLAWS[label]
        data = make(random, sex)
    else:
        data, failing = SOUND[label.removeprefix(f"{GOOD}, ")](random, sex), frozenset()
    return SyntheticPhoto(data, label, failing, sex)
