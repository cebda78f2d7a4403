"""What is asked, what it costs, and what may stand in the way. Costs are whole candidate-kilometres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.siting.distance import great_circle_km


@dataclass(frozen=True)
class Point:
    """Where `candidates` come from, at a place in decimal degrees. `seats`: how many it could hold, None if unknown."""

    code: str
    candidates: int
    longitude: float
    latitude: float
    seats: int | None = None


@dataclass(frozen=True)
class Terms:
    """What is weighed, in kilometres travelled by one candidate: `host_km` for each host, `small_km` more for one with
    fewer candidates than `minimum`, and `missing_km` for each that is missing there. No host takes more than `most`."""

    minimum: int
    most: int
    host_km: int
    small_km: int
    missing_km: int


@dataclass(frozen=True)
class Wishes:
    """What is settled beforehand: points that must host, that must not, and where a point's candidates go."""

    must: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    sent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """The parts of what is minimised: kilometres in all, hosts, those of them that are `small`, and the candidates missing
    there from the minimum."""

    km: int
    hosts: int
    small: int
    missing: int
    total: int


@dataclass(frozen=True)
class Siting:
    """`host`: point → host. Nothing costs less than `bound`, whatever was tried or not: that is proven."""

    host: dict[str, str]
    cost: Cost
    bound: int

    @property
    def optimal(self) -> bool:
        return self.bound >= self.cost.total

    @property
    def gap(self) -> float:
        """By what share of its cost it can at most be improved."""
        return (self.cost.total - self.bound) / self.cost.total if self.cost.total else 0.0


class Impossible(Exception):
    """No assignment keeps to the limits. `lacking`: per host, the places that the nearest one lacks; empty if what was
    settled beforehand contradicts itself."""

    def __init__(self, lacking: Mapping[str, int]) -> None:
        super().__init__(f"lacking {dict(lacking)}")
        self.lacking = dict(lacking)


def ordered(points: Sequence[Point]) -> list[Point]:
    """By code: the answer does not depend on the order in which points were named."""
    return sorted(points, key=lambda p: p.code)


def kilometres(points: Sequence[Point]) -> NDArray[np.int64]:
    """Between every two of them, in their order."""
    return great_circle_km(
        np.array([p.longitude for p in points], float), np.array([p.latitude for p in points], float)
    )


def cost_of(points: Sequence[Point], host: Mapping[str, str], terms: Terms) -> Cost:
    """What an assignment costs, point by point; also one made by hand."""
    own = ordered(points)
    place = {p.code: n for n, p in enumerate(own)}
    km = kilometres(own)
    travelled, received = 0, dict.fromkeys(host.values(), 0)
    for point, to in host.items():
        candidates = own[place[point]].candidates
        travelled += candidates * int(km[place[point], place[to]])
        received[to] += candidates
    lacks = [terms.minimum - n for n in received.values() if n < terms.minimum]
    penalty = terms.small_km * len(lacks) + terms.missing_km * sum(lacks)
    total = travelled + terms.host_km * len(received) + penalty
    return Cost(travelled, len(received), len(lacks), sum(lacks), total)
