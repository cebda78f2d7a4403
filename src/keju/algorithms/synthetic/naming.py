"""Putting names together: ordinary ones by frequency, and at fixed places the ones that break systems."""

import numpy as np

from keju.algorithms.synthetic.names import (
    GIVEN_MEN,
    GIVEN_WOMEN,
    RARE,
    SURNAMES,
    TIBETAN_MEN,
    TIBETAN_WOMEN,
    UYGHUR_MEN,
    UYGHUR_WOMEN,
)

LONGEST = 25
# The i-th person of a run has the trying name when i leaves this remainder, so small runs have some too.
_RARE_EVERY, _DOT_EVERY, _LONG_EVERY = 150, 60, 400
_RARE_AT, _DOT_AT, _LONG_AT = 17, 23, 42
_UYGHUR_SHARE = {"65": 0.45}
_TIBETAN_SHARE = {"54": 0.8, "63": 0.25}


class Namer:
    """Names by the block, vectorised where it pays."""

    def __init__(self) -> None:
        self._surnames = list(SURNAMES)
        self._steps = np.cumsum(np.array(list(SURNAMES.values()), float))

    def names(self, random: np.random.Generator, start: int, men: list[bool], codes: list[str]) -> list[str]:
        """A name for each person; `start` is the place of the first one in the run."""
        size = len(men)
        picks = random.random((size, 4))
        family = np.searchsorted(self._steps, picks[:, 0] * self._steps[-1], side="right").tolist()
        rows = zip(family, men, codes, picks.tolist(), strict=True)
        return [
            self._name(start + i, self._surnames[which], man, code[:2], dice)
            for i, (which, man, code, dice) in enumerate(rows)
        ]

    def _name(self, place: int, surname: str, man: bool, province: str, dice: list[float]) -> str:
        if place % _LONG_EVERY == _LONG_AT:
            return long_name(man, dice)
        if place % _DOT_EVERY == _DOT_AT or dice[3] < _UYGHUR_SHARE.get(province, 0):
            own = UYGHUR_MEN if man else UYGHUR_WOMEN
            return f"{_pick(own, dice[1])}·{_pick(UYGHUR_MEN, dice[2])}"
        if dice[3] < _TIBETAN_SHARE.get(province, 0):
            own = TIBETAN_MEN if man else TIBETAN_WOMEN
            return _pick(own, dice[1]) + _pick(own, dice[2])
        signs = GIVEN_MEN if man else GIVEN_WOMEN
        given = signs[int(dice[1] * len(signs))]
        if place % _RARE_EVERY == _RARE_AT:
            return surname + given + RARE[int(dice[2] * len(RARE))]
        if dice[2] < 0.14 and len(surname) == 1:
            return surname + given
        return surname + given + signs[int(dice[2] * len(signs))]


def long_name(man: bool, dice: list[float]) -> str:
    """A name of exactly 25 characters, parts joined by the middle dot U+00B7."""
    parts = [_pick(UYGHUR_MEN if man else UYGHUR_WOMEN, dice[1])]
    by_length = {len(part): part for part in UYGHUR_MEN}
    state = dice[2]
    while True:
        left = LONGEST - len("·".join(parts)) - 1
        if left in by_length:
            return "·".join([*parts, by_length[left]])
        # Never leave a rest that no part can fill: one character for the dot and at least one for a part.
        fitting = [part for part in UYGHUR_MEN if len(part) <= left - 2]
        parts.append(_pick(fitting, state))
        state = (state * 7919 + 0.137) % 1


def _pick(parts: tuple[str, ...] | list[str], dice: float) -> str:
    return parts[int(dice * len(parts))]
