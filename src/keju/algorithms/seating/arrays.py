"""The arrays that bulk seating takes and gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import IntFlag
from hashlib import sha256
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.seating.rooms import Shortfall, Unmet
from keju.algorithms.seating.tickets import TooMany

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Refusal = Shortfall | TooMany | Unmet


class Need(IntFlag):
    """What somebody needs to sit the exam. EXTRA_TIME: together with others of longer time, in a room of their own where
    there is one. SEPARATE_ROOM: alone in a room."""

    STEP_FREE = 1
    NEAR_DOOR = 2
    SEPARATE_ROOM = 4
    EXTRA_TIME = 8


@dataclass(frozen=True)
class Candidates:
    """One entry per candidate: host point and category as numbers whose order is the order of filling,
    the key of the drawn order, and a number of their own that decides between equal keys.

    `employer` and `school` are equal for two of the same one and 0 for none; `needs` adds up `Need`. Left out, they are 0.
    """

    point: Ints
    category: Ints
    key: Keys
    ident: Ints
    employer: Ints = None  # type: ignore[assignment]
    school: Ints = None  # type: ignore[assignment]
    needs: Ints = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        _zeros(self, len(self.ident))

    @classmethod
    def of(
        cls,
        point: Sequence[int],
        category: Sequence[int],
        key: Sequence[int] | Keys,
        ident: Sequence[int],
        employer: Sequence[int] | None = None,
        school: Sequence[int] | None = None,
        needs: Sequence[int] | None = None,
    ) -> Self:
        """From plain lists, for callers who do not know arrays."""
        ints = [np.array(column, np.int64) for column in (point, category, ident)]
        more = [
            None if column is None else np.array(column, np.int64) for column in (employer, school, needs)
        ]
        return cls(ints[0], ints[1], np.array(key, np.uint64), ints[2], *more)  # type: ignore[arg-type]

    def digest(self, point: int) -> str:
        """64 hex digits over all that a host point's plan follows from besides seed and rooms: who, of what category,
        employer, school, with what needs."""
        mine = np.flatnonzero(self.point == point)
        mine = mine[np.argsort(self.ident[mine])]
        columns = (self.ident, self.category, self.employer, self.school, self.needs)
        return sha256(b"".join(column[mine].astype(">i8").tobytes() for column in columns)).hexdigest()


@dataclass(frozen=True)
class Rooms:
    """One entry per room: host point, place in the order of filling within it, seats at the legal gap,
    the standard of its site (30 or 25), columns and rows of desks.

    `separate` 1: kept for candidates with a need of their own; `step_free` 1: reached without a step; `door`: its place in
    `geometry.DOORS`. Left out, they are 0.
    """

    point: Ints
    order: Ints
    capacity: Ints
    standard: Ints
    columns: Ints
    rows: Ints
    separate: Ints = None  # type: ignore[assignment]
    step_free: Ints = None  # type: ignore[assignment]
    door: Ints = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        _zeros(self, len(self.point))

    @classmethod
    def of(cls, rooms: Iterable[tuple[int, ...]]) -> Self:
        """From one tuple per room: point, order, capacity, standard, columns, rows; and separate, step_free, door."""
        table = list(rooms)
        width = len(table[0]) if table else 6
        return cls(*np.array(table, np.int64).reshape(-1, width).T)


def _zeros(table: Candidates | Rooms, count: int) -> None:
    for field in fields(table):
        if getattr(table, field.name) is None:
            object.__setattr__(table, field.name, np.zeros(count, np.int64))


@dataclass(frozen=True)
class Allocation:
    """One entry per candidate, in the order in which they were given, or refusals and nothing else.

    `room` is an index into the rooms; `seat`, `column`, `row` count from 1 within it; `serial` counts from 1
    within the host point, room by room and seat by seat. `pairs` and `least` have one entry per room: neighbours of one
    employer or school that are left there, and how many at least nobody could avoid. A refusal names the host point by its
    number.
    """

    room: Ints
    seat: Ints
    column: Ints
    row: Ints
    serial: Ints
    pairs: Ints
    least: Ints
    refusals: tuple[tuple[int, Refusal], ...] = ()


def nobody(refusals: tuple[tuple[int, Refusal], ...]) -> Allocation:
    """Refused: nobody is allocated."""
    none = np.empty(0, np.int64)
    return Allocation(none, none, none, none, none, none, none, refusals)


def check(candidates: Candidates, rooms: Rooms) -> None:
    """Raises ValueError for what no programme of rooms and candidates can mean; see `allocate`."""
    for table in (candidates, rooms):
        columns: Sequence[NDArray[Any]] = [getattr(table, field.name) for field in fields(table)]
        if len({len(column) for column in columns}) != 1:
            raise ValueError("the columns are not of equal length")
    if not np.diff(np.sort(candidates.ident)).all():
        raise ValueError("a candidate stands twice")
    places = np.stack((rooms.point, rooms.order), axis=1)
    if len(np.unique(places, axis=0)) != len(places):
        raise ValueError("two rooms of a host point have the same place in the order")
    if (rooms.standard < 1).any() or (rooms.columns < 1).any():
        raise ValueError("a room has a standard and columns of at least 1")
    if (np.minimum(rooms.capacity, rooms.standard) > rooms.columns * rooms.rows).any():
        raise ValueError("a room seats more than it has desks")
