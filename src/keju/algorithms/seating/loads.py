"""Who stands in line for which room: the queue of every host point, cut into the loads of its rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.seating.arrays import Candidates, Ints, Need, Refusal, Rooms
from keju.algorithms.seating.needs import Load, Special, fill_for, set_apart, settle
from keju.algorithms.seating.rooms import Room, RoomLoad, Unmet
from keju.algorithms.seating.tickets import TooMany

Bools = NDArray[np.bool_]
SEATED, APART = int(Need.STEP_FREE | Need.NEAR_DOOR), int(Need.SEPARATE_ROOM | Need.EXTRA_TIME)
"""Needs that say where among the others somebody sits; and those that take them out of the others' rooms."""


@dataclass
class Line:
    """`who` (index of the candidate) load after load; per load its room, first seat, count, and how many loads of the
    room came before; `stays` marks the candidates who keep exactly that seat. With refusals the rest means nothing."""

    who: Ints
    room: Ints
    first_seat: Ints
    count: Ints
    rank: Ints
    stays: Bools
    refusals: list[tuple[int, Refusal]]


def line_up(
    candidates: Candidates, queue: NDArray[np.intp], rooms: Rooms, serial_max: int, mix: bool
) -> Line:
    """The line for `queue`, candidates by host point, category and drawn order."""
    return _Lining(candidates, rooms, mix).run(queue, serial_max)


class _Lining:
    """The rooms of every host point, and what has been found so far."""

    def __init__(self, candidates: Candidates, rooms: Rooms, mix: bool) -> None:
        self._candidates, self._rooms, self._mix = candidates, rooms, mix
        self._standard = int(rooms.standard.max(initial=1))
        self._step_free = {str(index) for index in np.flatnonzero(rooms.step_free).tolist()}
        self._ordinary = _by_point(rooms, separate=False)
        self._separate = _by_point(rooms, separate=True)
        self._stays = np.zeros(len(candidates.ident), bool)
        self._loads: list[RoomLoad] = []
        self._queue: list[Ints] = []
        self._refusals: list[tuple[int, Refusal]] = []

    def run(self, queue: NDArray[np.intp], serial_max: int) -> Line:
        for start, end in _runs(self._candidates.point[queue]):
            self._host(queue[start:end], serial_max)
        room = np.array([int(load.room) for load in self._loads], np.int64)
        return Line(
            np.concatenate(self._queue).astype(np.int64) if self._queue else np.empty(0, np.int64),
            room,
            np.array([load.first_seat for load in self._loads], np.int64),
            np.array([load.count for load in self._loads], np.int64),
            _ranks(room),
            self._stays,
            self._refusals,
        )

    def _host(self, mine: NDArray[np.intp], serial_max: int) -> None:
        point = int(self._candidates.point[mine[0]])
        if len(mine) > serial_max:
            self._refusals.append((point, TooMany(len(mine), serial_max)))
        needs = self._candidates.needs[mine]
        if needs.any():
            mine, apart = self._apart(point, mine, needs)
            if apart is not None:
                self._refusals.append((point, apart))
                return
        counts = self._counts(mine)
        steps = self._wanting(mine, int(Need.STEP_FREE))
        filling = fill_for(
            counts,
            self._ordinary.get(point, ()),
            self._standard,
            without_steps=steps,
            step_free=self._step_free if steps else (),
            mix=self._mix,
        )
        if isinstance(filling, Unmet) or filling.shortfall:
            why = filling if isinstance(filling, Unmet) else filling.shortfall
            self._refusals.append((point, why))  # type: ignore[arg-type]
        else:
            self._take(filling.loads, mine)

    def _apart(
        self, point: int, mine: NDArray[np.intp], needs: Ints
    ) -> tuple[NDArray[np.intp], Unmet | None]:
        """Those who sit in rooms kept for needs go there; the rest stays in the queue."""
        special = np.flatnonzero(needs & APART)
        people = [
            Special(
                int(mine[at]),
                str(self._candidates.category[mine[at]]),
                bool(needs[at] & Need.STEP_FREE),
                bool(needs[at] & Need.SEPARATE_ROOM),
            )
            for at in special.tolist()
        ]
        found, unmet = set_apart(people, self._separate.get(point, ()), self._step_free, self._standard)
        for room, who in found:
            queue = np.array(who, np.int64)
            self._take([RoomLoad(room, str(self._candidates.category[queue[0]]), 1, len(who))], queue)
        gone = [one for _, who in found for one in who]
        return mine[~np.isin(mine, gone)], unmet

    def _take(self, loads: Sequence[RoomLoad], mine: NDArray[np.intp] | Ints) -> None:
        """The loads of a host point and who is to sit in them, in the order of the loads, needs settled."""
        needs = self._candidates.needs[mine]
        if (needs & SEATED).any():
            mine = self._settled(loads, mine, needs)
        self._loads += loads
        self._queue.append(mine)

    def _settled(self, loads: Sequence[RoomLoad], mine: NDArray[np.intp] | Ints, needs: Ints) -> Ints:
        seated: dict[str, int] = {}
        for load in loads:
            seated[load.room] = seated.get(load.room, 0) + load.count
        line = np.full(len(mine), -1, np.int64)
        for start, end in _runs(self._candidates.category[mine]):
            category = str(self._candidates.category[mine[start]])
            own = [self._load(load, seated[load.room]) for load in loads if load.category == category]
            wanting = (start + np.flatnonzero(needs[start:end] & SEATED)).tolist()
            people = [
                (int(mine[at]), bool(needs[at] & Need.STEP_FREE), bool(needs[at] & Need.NEAR_DOOR))
                for at in wanting
            ]
            for seat, who in settle(people, own):
                line[start + seat] = who
            self._stays[[who for who, _, door in people if door]] = True
            rest = np.delete(mine[start:end], [at - start for at in wanting])
            line[start:end][line[start:end] < 0] = rest
        return line

    def _load(self, load: RoomLoad, seated: int) -> Load:
        room = int(load.room)
        columns, rows, door = (
            part[room] for part in (self._rooms.columns, self._rooms.rows, self._rooms.door)
        )
        shape = (int(columns), int(rows), seated, int(door))
        return Load(load.count, load.room in self._step_free, load.first_seat - 1, shape)

    def _counts(self, mine: NDArray[np.intp]) -> list[tuple[str, int]]:
        category = self._candidates.category[mine]
        return [(str(category[start]), end - start) for start, end in _runs(category)]

    def _wanting(self, mine: NDArray[np.intp], need: int) -> dict[str, int]:
        """Category → how many need it, where somebody does."""
        wanting = mine[(self._candidates.needs[mine] & need) != 0]
        category = self._candidates.category[wanting]
        return {str(category[start]): end - start for start, end in _runs(category)}


def _by_point(rooms: Rooms, *, separate: bool) -> dict[int, list[Room]]:
    """The rooms of each host point, known by their index, as large as capacity and standard allow."""
    found: dict[int, list[Room]] = {}
    sizes = np.minimum(rooms.capacity, rooms.standard).tolist()
    columns = (rooms.point.tolist(), sizes, rooms.order.tolist(), rooms.separate.tolist())
    for index, (point, size, order, kept) in enumerate(zip(*columns, strict=True)):
        if bool(kept) == separate:
            found.setdefault(point, []).append(Room(str(index), size, order))
    return found


def _runs(values: Ints) -> list[tuple[int, int]]:
    """(start, end) of every run of equal values."""
    if not len(values):
        return []
    starts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(pairwise(starts))


def _ranks(room: Ints) -> Ints:
    """Of every load, how many loads of the same room came before."""
    order = np.argsort(room, kind="stable")
    found = np.zeros(len(room), np.int64)
    for start, end in _runs(room[order]):
        found[order[start:end]] = np.arange(end - start)
    return found
