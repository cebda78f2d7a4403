"""The arrays that bulk seating takes and gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.seating.rooms import Shortfall
from keju.algorithms.seating.tickets import TooMany

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Refusal = Shortfall | TooMany


@dataclass(frozen=True)
class Candidates:
    """One entry per candidate: host point and category as numbers whose order is the order of filling,
    the key of the drawn order, and a number of their own that decides between equal keys."""

    point: Ints
    category: Ints
    key: Keys
    ident: Ints

    @classmethod
    def of(
        cls, point: Sequence[int], category: Sequence[int], key: Sequence[int] | Keys, ident: Sequence[int]
    ) -> Self:
        """From plain lists, for callers who do not know arrays."""
        ints = [np.array(column, np.int64) for column in (point, category, ident)]
        return cls(ints[0], ints[1], np.array(key, np.uint64), ints[2])


@dataclass(frozen=True)
class Rooms:
    """One entry per room: host point, place in the order of filling within it, seats at the legal gap,
    the standard of its site (30 or 25), columns and rows of desks."""

    point: Ints
    order: Ints
    capacity: Ints
    standard: Ints
    columns: Ints
    rows: Ints

    @classmethod
    def of(cls, rooms: Iterable[tuple[int, int, int, int, int, int]]) -> Self:
        """From one tuple per room: point, order, capacity, standard, columns, rows."""
        return cls(*np.array(list(rooms), np.int64).reshape(-1, 6).T)


@dataclass(frozen=True)
class Allocation:
    """One entry per candidate, in the order in which they were given, or refusals and nothing else.

    `room` is an index into the rooms; `seat`, `column`, `row` count from 1 within it; `serial` counts from 1
    within the host point, room by room and seat by seat. A refusal names the host point by its number.
    """

    room: Ints
    seat: Ints
    column: Ints
    row: Ints
    serial: Ints
    refusals: tuple[tuple[int, Refusal], ...] = ()


def check(candidates: Candidates, rooms: Rooms) -> None:
    """Raises ValueError for what no programme of rooms and candidates can mean; see `allocate`."""
    for table in (candidates, rooms):
        columns: Sequence[NDArray[Any]] = [getattr(table, field.name) for field in fields(table)]
        if len({len(column) for column in columns}) != 1:
            raise ValueError("the columns are not of equal length")
    if len(np.unique(candidates.ident)) != len(candidates.ident):
        raise ValueError("a candidate stands twice")
    places = np.stack((rooms.point, rooms.order), axis=1)
    if len(np.unique(places, axis=0)) != len(places):
        raise ValueError("two rooms of a host point have the same place in the order")
    if (rooms.standard < 1).any() or (rooms.columns < 1).any():
        raise ValueError("a room has a standard and columns of at least 1")
    if (np.minimum(rooms.capacity, rooms.standard) > rooms.columns * rooms.rows).any():
        raise ValueError("a room seats more than it has desks")
