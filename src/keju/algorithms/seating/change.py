"""Changing a plan that stands: which seats of a room are free, and what differs between two plans.

The seats that somebody has stay where they are: a change never runs the S anew. A seat that was given up keeps its
number and its desk and may be given again; behind the last number the S goes on, row by row from the front, each row
from the side where the count stands, as `s_order` sets an incomplete last row.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from keju.algorithms.seating.order import Seat

Who = TypeVar("Who", bound=Hashable)
Where = TypeVar("Where")


def free_seats(
    columns: int, rows: int, limit: int, taken: Iterable[Seat], given_up: Iterable[Seat] = ()
) -> list[Seat]:
    """The seats of a room that somebody may be given now: those given up, then the ones behind the last number.

    `limit` is the standard of the room: no number lies above it. `given_up` may hold seats that are taken again. Numbers
    and desks stand once; the numbers behind the last follow without a gap, so whoever takes them in order leaves none.
    Raises ValueError for a seat outside the room and for a number or a desk that is taken twice.
    """
    used = sorted(taken)
    numbers, desks = {s.serial for s in used}, {(s.column, s.row) for s in used}
    if len(numbers) != len(used) or len(desks) != len(used):
        raise ValueError("a number or a desk is taken twice")
    if any(not (1 <= s.column <= columns and 1 <= s.row <= rows) for s in used):
        raise ValueError("a seat outside the room")
    found: dict[int, Seat] = {}
    for seat in sorted(given_up):
        if seat.serial in numbers or (seat.column, seat.row) in desks or seat.serial > limit:
            continue
        found[seat.serial] = seat
        numbers.add(seat.serial)
        desks.add((seat.column, seat.row))
    every = sorted([*used, *found.values()])
    serial, column = (every[-1].serial, every[-1].column) if every else (0, 1)
    for row in range(1, rows + 1):
        free = [c for c in range(1, columns + 1) if (c, row) not in desks]
        if free and abs(column - free[-1]) < abs(column - free[0]):
            free.reverse()
        for column in free:
            serial += 1
            if serial > limit:
                return list(found.values())
            found[serial] = Seat(serial, column, row)
    return list(found.values())


@dataclass(frozen=True)
class Diff(Generic[Who, Where]):
    """What differs: who sits elsewhere (from, to), who came (to), who left (from). Nobody stands twice."""

    moved: Mapping[Who, tuple[Where, Where]]
    came: Mapping[Who, Where]
    left: Mapping[Who, Where]

    @property
    def people(self) -> list[Who]:
        """Everybody whose seat is not what it was, in the order: moved, came, left."""
        return [*self.moved, *self.came, *self.left]

    def __bool__(self) -> bool:
        return bool(self.moved or self.came or self.left)


def difference(former: Mapping[Who, Where], now: Mapping[Who, Where]) -> Diff[Who, Where]:
    """What leads from the one plan to the other, each person → where they sit: empty exactly for equal plans."""
    return Diff(
        {who: (former[who], now[who]) for who in former if who in now and former[who] != now[who]},
        {who: now[who] for who in now if who not in former},
        {who: former[who] for who in former if who not in now},
    )


def ranges(numbers: Sequence[str]) -> list[tuple[str, str]]:
    """Ticket numbers as first and last of every run that counts up by one: one run for a room nobody changed.

    Numbers of one length, in any order: [("1113010001", "1113010030"), ("1113010122", "1113010122")].
    """
    found: list[tuple[str, str]] = []
    for number in sorted(numbers):
        if found and int(number) == int(found[-1][1]) + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
