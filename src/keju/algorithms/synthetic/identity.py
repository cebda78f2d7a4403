"""Valid and distinct identity numbers (GB 11643): county, birth date, sequence, check digit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from keju.algorithms.synthetic.codes import County, lineage, living
from keju.algorithms.synthetic.permutation import Permutation

FIRST, LAST = date(1960, 1, 1), date(1990, 12, 31)
_DAYS = (LAST - FIRST).days + 1
BIRTHDAYS = tuple(FIRST + timedelta(days=n) for n in range(_DAYS))
_STAMPS = np.array([d.year * 10_000 + d.month * 100 + d.day for d in BIRTHDAYS], np.int64)
_YEARS = np.array([d.year for d in BIRTHDAYS], np.int64)
_PAIRS = 499  # sequence numbers 002–999: pairs of an even (woman) and an odd one (man)
_WEIGHTS = np.array([pow(2, 17 - place, 11) for place in range(17)], np.int64)
_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Block:
    """Some people's identities, parallel arrays."""

    numbers: list[str]
    region: npt.NDArray[np.int64]  # index into the regions asked for
    day: npt.NDArray[np.int64]  # index into BIRTHDAYS
    man: npt.NDArray[np.bool_]
    counties: list[County]


class Identities:
    """Hands out the i-th identity of a run; no number twice.

    A number is fixed by region, birthday and sequence. Regions of one province may share counties, so each
    has its own share of the sequence numbers; which place of the whole comes i-th is a seeded permutation.
    """

    def __init__(self, regions: Sequence[str], seed: int) -> None:
        if not regions or len(set(regions)) != len(regions):
            raise ValueError("regions must be given, each once")
        crowd = Counter(lineage(code) for code in regions)
        seen: Counter[str] = Counter()
        ranks = []
        for code in regions:
            ranks.append(seen[lineage(code)])
            seen[lineage(code)] += 1
        self._rank = np.array(ranks, np.int64)
        self._crowd = np.array([crowd[lineage(code)] for code in regions], np.int64)
        self._pairs = _PAIRS // max(crowd.values())
        self.capacity = len(regions) * _DAYS * 2 * self._pairs
        if not self.capacity:
            raise ValueError("too many regions in one province")
        self._living = [{y: living(code, y) for y in range(FIRST.year, LAST.year + 1)} for code in regions]
        if any(not places for by_year in self._living for places in by_year.values()):
            raise ValueError("a region has no division code for some year of birth")
        self._shuffle = Permutation(self.capacity, seed)
        self._count = len(regions)

    def block(self, start: int, size: int, random: np.random.Generator) -> Block:
        """Identities number `start` … `start + size − 1`; `random` only picks the county."""
        place = self._shuffle(np.arange(start, start + size, dtype=np.uint64)).astype(np.int64)
        place, region = np.divmod(place, self._count)
        place, day = np.divmod(place, _DAYS)
        pair, man = np.divmod(place, 2)
        sequence = 2 * (pair * self._crowd[region] + self._rank[region] + 1) + man
        picks = random.random(size).tolist()
        counties = []
        for r, y, pick in zip(region.tolist(), _YEARS[day].tolist(), picks, strict=True):
            choice = self._living[r][y]
            counties.append(choice[int(pick * len(choice))])
        body = np.array([int(c.code) for c in counties], np.int64) * 10**11 + _STAMPS[day] * 1000 + sequence
        return Block(_with_check(body), region, day, man.astype(bool), counties)


def _with_check(body: npt.NDArray[np.int64]) -> list[str]:
    """Seventeen digits and the ISO 7064 MOD 11-2 check character."""
    digits = body[:, None] // 10 ** np.arange(16, -1, -1, dtype=np.int64) % 10
    checks = (digits @ _WEIGHTS % 11).tolist()
    return [f"{number}{_CHECKS[check]}" for number, check in zip(body.tolist(), checks, strict=True)]
