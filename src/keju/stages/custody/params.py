"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """`spares_per_site`: papers in a site's bag of spares (V15.6). `box_bags`: bags that go into a box."""

    spares_per_site: int
    box_bags: int
