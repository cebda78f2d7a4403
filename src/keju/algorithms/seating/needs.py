"""Who needs something is placed first (few people, so one by one): in which rooms, and on which seats of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from keju.algorithms.seating.geometry import nearest
from keju.algorithms.seating.rooms import Filling, Room, RoomLoad, Shortfall, Unmet, fill_rooms


def fill_for(
    counts: Sequence[tuple[str, int]],
    rooms: Sequence[Room],
    standard: int,
    *,
    without_steps: Mapping[str, int],
    step_free: Collection[str],
    mix: bool = False,
) -> Filling | Unmet:
    """As `fill_rooms`, and the rooms of every category have seats without a step for as many as need one.

    Where filling in order does not give that by itself, rooms without a step are kept for the categories that need them
    and begun first, each for one category. `step_free`: codes of such rooms.
    """
    filling = fill_rooms(counts, rooms, standard, mix=mix)
    if filling.shortfall or _met(filling.loads, without_steps, step_free):
        return filling
    kept: dict[str, list[Room]] = {}
    free = sorted((r for r in rooms if r.code in step_free and r.capacity), key=lambda r: (r.order, r.code))
    for category, _ in counts:
        left = without_steps.get(category, 0)
        kept[category] = []
        while left > 0 and free:
            kept[category].append(free.pop(0))
            left -= min(kept[category][-1].capacity, standard)
        if left > 0:
            return Unmet("step_free", _lacking(without_steps, rooms, standard, step_free) or left)
    return _fill_kept(counts, rooms, standard, kept)


def _fill_kept(
    counts: Sequence[tuple[str, int]],
    rooms: Sequence[Room],
    standard: int,
    kept: Mapping[str, Sequence[Room]],
) -> Filling:
    away = {room.code for some in kept.values() for room in some}
    open_ = sorted((r for r in rooms if r.code not in away), key=lambda r: (r.order, r.code))
    loads: list[RoomLoad] = []
    for place, (category, count) in enumerate(counts):
        line = [Room(r.code, r.capacity, n) for n, r in enumerate([*kept[category], *open_])]
        filling = fill_rooms([(category, count)], line, standard)
        if filling.shortfall:
            missing = filling.shortfall.missing
            return Filling((), Shortfall(category, missing, missing + sum(n for _, n in counts[place + 1 :])))
        used = {load.room for load in filling.loads}
        open_ = [room for room in open_ if room.code not in used]
        loads += filling.loads
    return Filling(tuple(loads))


def _met(loads: Sequence[RoomLoad], wanted: Mapping[str, int], step_free: Collection[str]) -> bool:
    have = dict.fromkeys(wanted, 0)
    for load in loads:
        if load.room in step_free and load.category in have:
            have[load.category] += load.count
    return all(have[category] >= count for category, count in wanted.items())


def _lacking(
    wanted: Mapping[str, int], rooms: Sequence[Room], standard: int, step_free: Collection[str]
) -> int:
    seats = sum(min(room.capacity, standard) for room in rooms if room.code in step_free)
    return max(0, sum(wanted.values()) - seats)


@dataclass
class Load:
    """Consecutive seats of a room for people of one category: how many, whether reached without a step, and the shape of
    the room that says which of its seats (from 0) is how near the door; the load begins with seat `first`."""

    count: int
    step_free: bool
    first: int
    door: tuple[int, int, int, int]
    near: list[int] = field(default_factory=list)
    low: list[int] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.count - len(self.near) - len(self.low)

    def seats(self) -> Iterator[tuple[int, int]]:
        """(seat within the load, who) of everybody placed: at the door the nearest first, the others on the lowest."""
        mine = range(self.first, self.first + self.count)
        by_door = (
            (seat - self.first for seat in nearest(*self.door) if seat in mine) if self.near else iter(())
        )
        near = list(zip(by_door, self.near, strict=False))
        taken = {seat for seat, _ in near}
        yield from near
        yield from zip((n for n in range(self.count) if n not in taken), self.low, strict=False)


def settle(people: Sequence[tuple[int, bool, bool]], loads: Sequence[Load]) -> list[tuple[int, int]]:
    """(seat, who) of the people who need something; seats count from 0 through all loads.

    `people`: (who, needs a room without steps, needs a seat near the door) in their drawn order. Who needs the door has
    the nearest seat of a room, or the next if one came before; as few as possible share a room. The loads hold them all:
    see `fill_for`.
    """
    for who, steps, door in sorted(people, key=lambda p: (not p[1], not p[2])):  # stable: else as drawn
        fit = (load for load in loads if load.left and (load.step_free or not steps))
        if door:
            min(fit, key=lambda load: len(load.near)).near.append(who)
        else:
            next(fit).low.append(who)
    starts = accumulate((load.count for load in loads), initial=0)
    return [
        (start + seat, who) for start, load in zip(starts, loads, strict=False) for seat, who in load.seats()
    ]


@dataclass(frozen=True)
class Special:
    """Somebody with a need of their own: who, their category, whether without steps, whether alone in a room."""

    who: int
    category: str
    without_steps: bool
    alone: bool


def set_apart(
    people: Sequence[Special], rooms: Sequence[Room], step_free: Collection[str], standard: int
) -> tuple[list[tuple[str, list[int]]], Unmet | None]:
    """Who sits in which of the rooms kept for needs, or who finds none.

    First those who are to be alone, one in a room; then, category by category, the others (who have longer time) together,
    where all of a category find seats. `people` in their drawn order, categories one after the other.
    """
    free = sorted((room for room in rooms if room.capacity), key=lambda r: (r.order, r.code))
    found: list[tuple[str, list[int]]] = []
    alone = [p for p in people if p.alone]
    lack = sum(p.without_steps for p in alone) - sum(r.code in step_free for r in free)
    if lack > 0:
        return [], Unmet("separate_step_free", lack)
    if len(alone) > len(free):
        return [], Unmet("separate_room", len(alone) - len(free))
    for person in sorted(alone, key=lambda p: not p.without_steps):
        # Who can climb leaves the rooms without steps to the others.
        room = min(free, key=lambda r: ((r.code in step_free) != person.without_steps, r.order, r.code))
        free.remove(room)
        found.append((room.code, [person.who]))
    for category in dict.fromkeys(p.category for p in people if not p.alone):
        group = [p for p in people if not p.alone and p.category == category]
        steps = {category: sum(p.without_steps for p in group)}
        filling = fill_for([(category, len(group))], free, standard, without_steps=steps, step_free=step_free)
        if isinstance(filling, Unmet) or filling.shortfall:
            continue
        line = sorted(group, key=lambda p: not p.without_steps)
        for load in sorted(filling.loads, key=lambda load: load.room not in step_free):
            found.append((load.room, [p.who for p in line[: load.count]]))
            line = line[load.count :]
            free = [room for room in free if room.code != load.room]
    return found, None
