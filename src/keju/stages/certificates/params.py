"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V18.1.2: so many copies of the diploma are handed in by those who registered as graduating students."""

    copies: int
