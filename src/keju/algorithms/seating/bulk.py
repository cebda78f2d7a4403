"""Seats and serials for all candidates of an exam at once, in arrays.

The rules stay where they are written for one room: rooms are filled by `fill_rooms`, once per host point;
only what concerns every candidate (order, seat, S, serial) is computed by arrays. Time grows as n log n.
"""

from collections.abc import Iterable
from hmac import digest as hmac_digest

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.draw.permutation import KEY_BYTES, PREFIX, encoded
from keju.algorithms.seating.arrays import Allocation, Candidates, Ints, Keys, Refusal, Rooms, check
from keju.algorithms.seating.rooms import Room, fill_rooms
from keju.algorithms.seating.tickets import TooMany


def permutation_keys(seed: bytes, ids: Iterable[int | str]) -> Keys:
    """The `sort_key` of every id as an array: sorting by it gives the order of `draw.permutation`.

    Equal keys (one chance in 37 million among a million) stand by the bytes of the id there.
    """
    digests = b"".join([hmac_digest(seed, PREFIX + encoded(i), "sha256")[:KEY_BYTES] for i in ids])
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def allocate(
    candidates: Candidates, rooms: Rooms, *, serial_max: int = 9999, mix: bool = False
) -> Allocation:
    """Everybody's room, seat, place and serial (V7.2, V14.7.1, V14.7.3).

    Nobody is allocated if at any host point the rooms do not suffice or the serials run out: `refusals` then
    says so for every such point. Raises ValueError for arrays of unequal length, a candidate number or a
    room order that stands twice in a host point, or a room that seats more than it has desks.
    """
    check(candidates, rooms)
    queue = np.lexsort((candidates.ident, candidates.key, candidates.category, candidates.point))
    loads = _fill(candidates.point[queue], candidates.category[queue], rooms, serial_max, mix)
    if loads.refusals:
        nothing = np.empty(0, np.int64)
        return Allocation(nothing, nothing, nothing, nothing, nothing, tuple(loads.refusals))
    counts = np.array(loads.count, np.int64)
    starts = np.cumsum(counts) - counts
    within = np.arange(len(queue)) - np.repeat(starts, counts)
    room = np.repeat(np.array(loads.room, np.int64), counts)
    seat = np.repeat(np.array(loads.first_seat, np.int64), counts) + within
    seated = np.bincount(room, minlength=len(rooms.point))
    column, row = s_places(rooms.columns[room], seated[room], seat)
    serial = _serials(candidates.point[queue])
    room, seat, column, row, serial = (_returned(queue, part) for part in (room, seat, column, row, serial))
    return Allocation(room, seat, column, row, serial)


def s_places(columns: Ints, count: Ints, seat: Ints) -> tuple[Ints, Ints]:
    """Column and row of seat number `seat` in a room of so many columns and candidates: `s_order` in bulk."""
    full = count // columns
    at = seat - 1
    tall = np.maximum(full, 1)
    column, deep = at // tall, at % tall
    row = np.where(column % 2 == 0, deep, tall - 1 - deep)
    behind = at - full * columns
    in_last = behind >= 0
    last_column = np.where(full > 0, columns - 1 - behind, behind)
    return np.where(in_last, last_column, column) + 1, np.where(in_last, full, row) + 1


class _Loads:
    """Parallel lists, one entry per load of a room, in the order of the queue."""

    def __init__(self) -> None:
        self.room: list[int] = []
        self.first_seat: list[int] = []
        self.count: list[int] = []
        self.refusals: list[tuple[int, Refusal]] = []


def _fill(point: Ints, category: Ints, rooms: Rooms, serial_max: int, mix: bool) -> _Loads:
    loads = _Loads()
    by_point = _rooms_by_point(rooms)
    standard = int(rooms.standard.max(initial=1))
    for number, counts in _counts(point, category):
        total = sum(count for _, count in counts)
        if total > serial_max:
            loads.refusals.append((number, TooMany(total, serial_max)))
        filling = fill_rooms(counts, by_point.get(number, ()), standard, mix=mix)
        if filling.shortfall:
            loads.refusals.append((number, filling.shortfall))
        for load in filling.loads:
            loads.room.append(int(load.room))
            loads.first_seat.append(load.first_seat)
            loads.count.append(load.count)
    return loads


def _rooms_by_point(rooms: Rooms) -> dict[int, list[Room]]:
    """The rooms of each host point, known by their index, as large as capacity and standard allow."""
    found: dict[int, list[Room]] = {}
    sizes = np.minimum(rooms.capacity, rooms.standard).tolist()
    for index, (point, size, order) in enumerate(zip(rooms.point.tolist(), sizes, rooms.order.tolist())):
        found.setdefault(point, []).append(Room(str(index), size, order))
    return found


def _counts(point: Ints, category: Ints) -> list[tuple[int, list[tuple[str, int]]]]:
    """(host point, [(category, how many)]) of the sorted queue, in its order."""
    if not len(point):
        return []
    changes = (np.diff(point) != 0) | (np.diff(category) != 0)
    starts = np.concatenate(([0], np.flatnonzero(changes) + 1))
    sizes = np.diff(np.append(starts, len(point)))
    found: list[tuple[int, list[tuple[str, int]]]] = []
    for number, kind, size in zip(point[starts].tolist(), category[starts].tolist(), sizes.tolist()):
        if not found or found[-1][0] != number:
            found.append((number, []))
        found[-1][1].append((str(kind), size))
    return found


def _serials(point: Ints) -> Ints:
    """1, 2, 3 … within each run of the same host point."""
    if not len(point):
        return np.empty(0, np.int64)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(point)) + 1))
    sizes = np.diff(np.append(starts, len(point)))
    serials: Ints = np.arange(1, len(point) + 1, dtype=np.int64) - np.repeat(starts, sizes)
    return serials


def _returned(queue: NDArray[np.intp], values: Ints) -> Ints:
    """Values in the order of the queue, put back into the order in which candidates were given."""
    out = np.empty(len(queue), np.int64)
    out[queue] = values
    return out
