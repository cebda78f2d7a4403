"""People who do not exist, streamed: as many as wanted, always the same for the same seed."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from keju.algorithms.synthetic.codes import living
from keju.algorithms.synthetic.identity import BIRTHDAYS, Identities
from keju.algorithms.synthetic.likeness import Sex
from keju.algorithms.synthetic.names import ROADS, WORKPLACES
from keju.algorithms.synthetic.naming import Namer
from keju.algorithms.synthetic.study import Study, study_of

_BLOCK = 4096
_AQUATIC = 0.08
_PHONES = "154"  # mobile prefix that was never given to an operator: such a number reaches nobody


class SyntheticPerson(NamedTuple):
    """One candidate. `region` is the code as it was asked for; `photo` is a place in the pool of photos."""

    name: str
    sex: Sex
    born_on: date
    identity_number: str
    phone: str
    address: str
    employer: str
    region: str
    category: str  # general | aquatic
    study: Study
    photo: int


def generate_people(
    rng_seed: int,
    n: int,
    regions: Sequence[str],
    year: int,
    *,
    n_good: int = 48,
    n_bad: int = 0,
    bad_share: float = 0.04,
    ineligible_share: float = 0.04,
) -> Iterator[SyntheticPerson]:
    """`n` people spread evenly over the divisions `regions` (2, 4 or 6 digits), for the exam of `year`.

    The first m of n people are the same as m people asked for alone. Identity numbers are distinct within
    the run and pass the check of GB 11643. `n_good` and `n_bad` are those of `faces.photo_pool`: a person's
    photo shows somebody of their sex, and is one of the bad ones with probability `bad_share`. Raises
    ValueError, on the first step, for unknown regions or more people than there are identity numbers.
    """
    identities = Identities(regions, rng_seed)
    if n > identities.capacity:
        raise ValueError(f"at most {identities.capacity} people fit into these regions")
    if n_good < 2 or n_bad == 1:
        raise ValueError("the pool needs photos of both sexes")
    namer = Namer()
    homes = [living(code, year) for code in regions]
    for start in range(0, n, _BLOCK):
        random = np.random.default_rng((rng_seed, start // _BLOCK))
        size = min(_BLOCK, identities.capacity - start)
        block = identities.block(start, size, random)
        dice = random.random((size, 12)).tolist()
        names = namer.names(random, start, block.man.tolist(), [c.code for c in block.counties])
        phones = random.integers(0, 10**8, size).tolist()
        rows = zip(
            names, block.numbers, block.region.tolist(), block.day.tolist(), block.man.tolist(),
            phones, dice, strict=True,
        )  # fmt: skip
        for place, (name, number, region, day, man, phone, dice_of) in enumerate(rows):
            if start + place >= n:
                return
            county = homes[region][int(dice_of[5] * len(homes[region]))]
            home = f"{county.province}{county.name}" if county.name != county.province else county.name
            aquatic = dice_of[0] < _AQUATIC
            bad = bool(n_bad) and dice_of[1] < bad_share
            yield SyntheticPerson(
                name=name,
                sex="M" if man else "F",
                born_on=BIRTHDAYS[day],
                identity_number=number,
                phone=f"{_PHONES}{phone:08d}",
                address=f"{home}{ROADS[int(dice_of[2] * len(ROADS))]}{1 + int(dice_of[3] * 280)}号"
                f"{1 + int(dice_of[4] * 30)}幢{101 + 100 * int(dice_of[6] * 6)}室",
                employer=f"{county.name}{WORKPLACES[int(dice_of[6] * len(WORKPLACES))]}",
                region=regions[region],
                category="aquatic" if aquatic else "general",
                study=study_of(
                    BIRTHDAYS[day].year,
                    year,
                    county.province,
                    aquatic,
                    dice_of[7:],
                    ineligible=ineligible_share,
                ),
                photo=_photo(man, dice_of[2], n_good, n_bad if bad else 0),
            )


def _photo(man: bool, pick: float, n_good: int, n_bad: int) -> int:
    """A place of the right sex (even women, odd men) among the good photos, or the bad ones behind them."""
    first, count = (n_good, n_bad) if n_bad else (0, n_good)
    offset = (int(man) - first) % 2
    return first + offset + 2 * int(pick * ((count - offset + 1) // 2))
