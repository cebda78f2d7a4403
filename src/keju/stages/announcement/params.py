"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V3.1: the exam is announced at least `months_before` months before it is held."""

    months_before: int
