"""Seats and serials for all candidates of an exam at once, in arrays.

The rules stay where they are written for one room: rooms are filled by `fill_rooms`, once per host point; who needs
something is placed by `needs`; only what concerns every candidate (order, seat, S, serial) is computed by arrays. Time
grows as n log n.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.draw.permutation import PREFIX, digests, encoded
from keju.algorithms.seating.arrays import Allocation, Candidates, Ints, Keys, Need, Rooms, check, nobody
from keju.algorithms.seating.geometry import geometry_of
from keju.algorithms.seating.loads import Line, line_up
from keju.algorithms.seating.spread import NONE, People, spread


def permutation_keys(seed: bytes, ids: Iterable[int | str]) -> Keys:
    """The `sort_key` of every id as an array: sorting by it gives the order of `draw.permutation`.

    Equal keys (one chance in 37 million among a million) stand by the bytes of the id there.
    """
    found = b"".join(digests(seed, [PREFIX + encoded(i) for i in ids]))
    return np.frombuffer(found, np.dtype([("key", ">u8"), ("rest", "V24")]))["key"].astype(np.uint64)


def allocate(
    candidates: Candidates, rooms: Rooms, *, serial_max: int = 9999, mix: bool = False
) -> Allocation:
    """Everybody's room, seat, place and serial (V7.2, V14.7.1, V14.7.3), needs first, neighbours of one employer or
    school apart where the room allows it.

    Which room follows from the drawn order and the needs; within a room (and category) seats are then exchanged. Nobody
    is allocated if at any host point the rooms do not suffice, a need is not met or the serials run out: `refusals`
    then says so for every such point. Raises ValueError for arrays of unequal length, a candidate number or a room order
    that stands twice in a host point, or a room that seats more than it has desks.
    """
    check(candidates, rooms)
    longer = (candidates.needs & Need.EXTRA_TIME) == 0
    order = (candidates.ident, candidates.key, longer, candidates.category, candidates.point)
    line = line_up(candidates, np.lexsort(order), rooms, serial_max, mix)
    if line.refusals:
        return nobody(tuple(line.refusals))
    within = np.arange(len(line.who)) - np.repeat(np.cumsum(line.count) - line.count, line.count)
    room = np.repeat(line.room, line.count)
    seat = np.repeat(line.first_seat, line.count) + within
    seated = np.bincount(room, minlength=len(rooms.point))
    who, pairs, least = _apart(candidates, line, room, seat, rooms.columns, seated)
    column, row = s_places(rooms.columns[room], seated[room], seat)
    serial = _offsets(rooms, seated)[room] + seat
    room, seat, column, row, serial = (_returned(who, part) for part in (room, seat, column, row, serial))
    return Allocation(room, seat, column, row, serial, pairs, least)


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


def _apart(
    candidates: Candidates, line: Line, room: Ints, seat: Ints, columns: Ints, seated: Ints
) -> tuple[Ints, Ints, Ints]:
    """Who sits where the queue had `line.who`, with neighbours of one group apart; per room pairs left and least.

    A load of a room changes seats among itself only: where categories share a room, one load after the other.
    """
    pairs, least = np.zeros(len(columns), np.int64), np.zeros(len(columns), np.int64)
    if not (candidates.employer.any() or candidates.school.any()):
        return line.who, pairs, least
    used = np.flatnonzero(seated)
    place = np.zeros(len(columns), np.int64)
    place[used] = np.arange(len(used))
    at = place[room], seat - 1
    shape, geometry = geometry_of(columns[used], seated[used])
    who = np.full((len(used), geometry.width), -1, np.int64)
    who[at] = line.who
    load = np.full(who.shape, -1, np.int64)
    load[at] = np.repeat(line.rank, line.count)
    for rank in range(int(line.rank.max(initial=-1)) + 1):
        free = (load == rank) & ~line.stays[who]
        groups = [np.where(who >= 0, part[who], NONE) for part in (candidates.employer, candidates.school)]
        done = spread(People(groups[0], groups[1], free), shape, geometry)
        who = np.take_along_axis(who, done.seat, axis=1)
        pairs[used], least[used] = done.pairs, done.least
    found: Ints = who[at]
    return found, pairs, least


def _offsets(rooms: Rooms, seated: Ints) -> Ints:
    """How many sit in the rooms of the same host point before each room."""
    order = np.lexsort((rooms.order, rooms.point))
    counts, points = seated[order], rooms.point[order]
    before = np.cumsum(counts) - counts
    first = np.concatenate(([True], points[1:] != points[:-1])) if len(points) else np.empty(0, bool)
    start = np.maximum.accumulate(np.where(first, before, 0))
    found = np.empty(len(order), np.int64)
    found[order] = before - start
    return found


def _returned(queue: NDArray[np.intp] | Ints, values: Ints) -> Ints:
    """Values in the order of the queue, put back into the order in which candidates were given."""
    out = np.empty(len(queue), np.int64)
    out[queue] = values
    return out
