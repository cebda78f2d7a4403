"""How many of which category sit in which room (V14.7.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """A room in use: its code, how many it seats at the legal gap, its place in the order of filling."""

    code: str
    capacity: int
    order: int


@dataclass(frozen=True)
class RoomLoad:
    """`count` candidates of one category in a room, from seat number `first_seat` on."""

    room: str
    category: str
    first_seat: int
    count: int


@dataclass(frozen=True)
class Shortfall:
    """The rooms do not suffice: in filling them, `category` is the first that finds no room for `missing`.

    Counted with everybody of the categories after it, `missing_in_all` are left without a seat.
    """

    category: str
    missing: int
    missing_in_all: int


@dataclass(frozen=True)
class Unmet:
    """A need that the rooms do not meet: for `missing` people; `need` is a name of `arrays.Need` in small letters."""

    need: str
    missing: int


@dataclass(frozen=True)
class Filling:
    """The loads in order of filling, or the shortfall and no loads: a part of a plan is no plan."""

    loads: tuple[RoomLoad, ...]
    shortfall: Shortfall | None = None


def fill_rooms(
    counts: Sequence[tuple[str, int]], rooms: Sequence[Room], standard: int, *, mix: bool = False
) -> Filling:
    """Seat so many of each category, categories and rooms in their order.

    Every room takes the standard number (or its capacity, if smaller); the last room of a category takes the
    remainder. A category begins in a fresh room, unless `mix` lets it begin in the remaining seats of the
    last. Rooms of equal order go by code, so the result follows from the arguments alone. Raises ValueError
    for a negative count, a category or room that stands twice, or a standard below 1.
    """
    _checked(counts, rooms, standard)
    free = _Rooms(sorted(rooms, key=lambda room: (room.order, room.code)), standard)
    loads: list[RoomLoad] = []
    for place, (category, count) in enumerate(counts):
        if not mix:
            free.close()
        left = count
        for room, first_seat, seats in free.take(count):
            loads.append(RoomLoad(room, category, first_seat, seats))
            left -= seats
        if left:
            later = sum(number for _, number in counts[place + 1 :])
            return Filling((), Shortfall(category, left, left + later))
    return Filling(tuple(loads))


class _Rooms:
    """Rooms handed out one after the other; remembers what is left of the one begun."""

    def __init__(self, rooms: Sequence[Room], standard: int) -> None:
        self._rooms = iter(rooms)
        self._standard = standard
        self._code, self._size, self._used = "", 0, 0

    def close(self) -> None:
        """Nobody else is seated in a room that has somebody."""
        if self._used:
            self._size = self._used

    def take(self, count: int) -> Iterator[tuple[str, int, int]]:
        """Pieces (room, first seat, seats) of together `count`, or fewer if the rooms run out."""
        while count:
            if self._used == self._size and not self._next():
                return
            seats = min(count, self._size - self._used)
            first = self._used + 1
            self._used += seats
            count -= seats
            yield self._code, first, seats

    def _next(self) -> bool:
        for room in self._rooms:
            if room.capacity > 0:
                self._code, self._size, self._used = room.code, min(room.capacity, self._standard), 0
                return True
        return False


def _checked(counts: Sequence[tuple[str, int]], rooms: Sequence[Room], standard: int) -> None:
    if standard < 1 or any(count < 0 for _, count in counts):
        raise ValueError("the standard is at least 1 and no count is negative")
    if len({category for category, _ in counts}) != len(counts):
        raise ValueError("a category stands twice")
    if len({room.code for room in rooms}) != len(rooms):
        raise ValueError("a room stands twice")
