"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V9.1: a spare bag of each paper for every so many rooms of a site begun."""

    spare_bag_per_rooms: int
