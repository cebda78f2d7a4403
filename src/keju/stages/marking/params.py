"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V17.1.2: so many distinct administrators act on scores together."""

    score_administrators: int
