"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V5.5: how many years records of each retention class are kept after the exam year; permanent ones for ever."""

    long_years: int
    short_years: int
