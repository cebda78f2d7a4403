"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V14.7.1: the sizes that a standard room may have; each site chooses one."""

    room_sizes: tuple[int, ...]
