"""Which points host an examination: the least travel and the fewest hosts, proven."""

from keju.algorithms.siting.drawing import Line, Picture, Spot, picture
from keju.algorithms.siting.problem import Cost, Impossible, Point, Siting, Terms, Wishes, cost_of, kilometres
from keju.algorithms.siting.search import OutOfTime, site

__all__ = [
    "Cost",
    "Impossible",
    "Line",
    "OutOfTime",
    "Picture",
    "Point",
    "Siting",
    "Spot",
    "Terms",
    "Wishes",
    "cost_of",
    "kilometres",
    "picture",
    "site",
]
