"""Needs are met before anybody else is placed, or refused by number; all laws of a plan hold with them."""

from collections import defaultdict
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keju.algorithms.seating import Allocation, Candidates, Need, Rooms, Unmet, allocate, s_order
from keju.algorithms.seating.geometry import nearest
from keju.algorithms.seating.tests.test_spread import pairs_of

STEPS, DOOR, ALONE, LONGER = Need.STEP_FREE, Need.NEAR_DOOR, Need.SEPARATE_ROOM, Need.EXTRA_TIME


def site(seed: int) -> tuple[Candidates, Rooms]:
    """Two host points with rooms of every odd shape, some without steps, some kept for needs; one in six needs something."""
    chance = Random(seed)
    size = chance.randint(1, 160)
    columns = [
        (chance.randint(1, 2), chance.randint(0, 1), chance.randrange(2**64), ident,
         int(9 * chance.random() ** 2), int(9 * chance.random() ** 2),
         chance.choice([STEPS, DOOR, ALONE, LONGER, STEPS | DOOR, STEPS | LONGER]) if chance.random() < 1 / 6 else 0)
        for ident in chance.sample(range(1000), size)
    ]  # fmt: skip
    rooms = []
    for point in (1, 2):
        standard, separate = chance.choice([30, 25, 7]), chance.randint(0, 12)
        for order in range(40):
            wide, deep = chance.randint(2, 7), chance.randint(2, 7)
            kept = order >= 40 - separate
            rooms.append(
                (
                    point,
                    order,
                    wide * deep,
                    standard,
                    wide,
                    deep,
                    kept,
                    chance.random() < 0.4,
                    chance.randint(0, 3),
                )
            )
    return Candidates.of(*zip(*columns, strict=True)), Rooms.of(rooms)


def seated(done: Allocation, rooms: Rooms) -> dict[int, list[int]]:
    """Room → who sits there, by seat number."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for who, (room, seat) in enumerate(zip(done.room.tolist(), done.seat.tolist(), strict=True)):
        found[room].append((seat, who))
    return {room: [who for _, who in sorted(places)] for room, places in sorted(found.items())}


@given(st.integers(0, 2**32))
@settings(max_examples=80)
@pytest.mark.rule("V14.7.1", "V14.7.3", "V7.2")
def test_every_law_holds_on_sites_of_every_odd_shape(seed: int) -> None:
    people, rooms = site(seed)
    done = allocate(people, rooms)
    if done.refusals:
        assert not len(done.room)
        return
    serials: dict[int, list[int]] = defaultdict(list)
    for room, who in seated(done, rooms).items():
        wide, deep = int(rooms.columns[room]), int(rooms.rows[room])
        places = list(
            zip(done.seat[who].tolist(), done.column[who].tolist(), done.row[who].tolist(), strict=True)
        )
        assert places == [tuple(seat) for seat in s_order(wide, deep, len(who))], "the S has a gap"
        assert len(who) <= min(wide * deep, rooms.standard[room])
        assert len(set(people.category[who].tolist())) == 1, "categories share a room"
        assert set(people.point[who].tolist()) == {int(rooms.point[room])}
        groups = list(zip(people.employer[who].tolist(), people.school[who].tolist(), strict=True))
        assert pairs_of(wide, groups) == done.pairs[room] >= done.least[room]
        serials[int(rooms.point[room])] += done.serial[who].tolist()
        _met(people.needs[who].tolist(), room, rooms)
    assert sum(map(len, serials.values())) == len(people.ident)
    for found in serials.values():
        assert found == list(range(1, len(found) + 1)), (
            "numbers have a gap or leave the order of rooms and seats"
        )


def _met(needs: list[int], room: int, rooms: Rooms) -> None:
    """What the people of a room need is met there; `needs` by seat."""
    assert rooms.step_free[room] or not any(need & STEPS for need in needs)
    assert not any(need & ALONE for need in needs) or (len(needs) == 1 and rooms.separate[room])
    assert not rooms.separate[room] or all(need & (ALONE | LONGER) for need in needs)
    at_door = {seat for seat, need in enumerate(needs) if need & DOOR}
    shape = (int(rooms.columns[room]), int(rooms.rows[room]), len(needs), int(rooms.door[room]))
    assert at_door == set(nearest(*shape)[: len(at_door)])


@given(st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_same_draw_gives_the_same_bytes_and_no_more_pairs_than_without_parting(seed: int) -> None:
    people, rooms = site(seed)
    done = allocate(people, rooms)
    order = np.random.default_rng(seed).permutation(len(people.ident))
    shuffled = Candidates(*(getattr(people, name)[order] for name in Candidates.__dataclass_fields__))
    again = allocate(shuffled, rooms)
    assert again.refusals == done.refusals
    if done.refusals:
        return
    assert (
        again.seat.tobytes() == done.seat[order].tobytes()
        and again.room.tobytes() == done.room[order].tobytes()
    )
    none = np.zeros(len(order), np.int64)
    drawn = seated(allocate(replace(people, employer=none, school=none), rooms), rooms)
    for room, who in drawn.items():
        groups = list(zip(people.employer[who].tolist(), people.school[who].tolist(), strict=True))
        assert done.pairs[room] <= pairs_of(int(rooms.columns[room]), groups)


def one_host(needs: list[int], rooms: list[tuple[int, int, int]]) -> Allocation:
    """So many candidates of one category in rooms of 5 × 6: (kept for needs, without steps, door)."""
    count = len(needs)
    zero = [0] * count
    people = Candidates.of(zero, zero, list(range(count)), list(range(count)), zero, zero, needs)
    return allocate(people, Rooms.of([(0, n, 30, 30, 5, 6, *room) for n, room in enumerate(rooms)]))


@pytest.mark.parametrize(
    ("needs", "rooms", "refused"),
    [
        ([STEPS] * 31, [(0, 1, 0), (0, 0, 0)], Unmet("step_free", 1)),
        ([ALONE, ALONE, ALONE], [(1, 0, 0), (0, 0, 0)], Unmet("separate_room", 2)),
        ([ALONE | STEPS], [(1, 0, 0), (0, 1, 0)], Unmet("separate_step_free", 1)),
    ],
)
def test_what_cannot_be_met_is_counted(
    needs: list[int], rooms: list[tuple[int, int, int]], refused: Unmet
) -> None:
    assert one_host(needs, rooms).refusals == ((0, refused),)


def test_a_room_without_steps_is_opened_though_it_comes_last() -> None:
    done = one_host([0] * 9 + [STEPS], [(0, 0, 0), (0, 0, 0), (0, 1, 0)])
    assert done.room.tolist() == [2] * 10


def test_longer_time_together_in_a_room_of_their_own_or_else_together_among_others() -> None:
    apart = one_host([0, LONGER, 0, LONGER], [(0, 0, 0), (1, 0, 0)])
    assert apart.room.tolist() == [0, 1, 0, 1] and apart.serial.tolist() == [1, 3, 2, 4]
    among = one_host([0] * 30 + [LONGER, LONGER], [(0, 0, 0), (0, 0, 0)])
    assert among.room[30:].tolist() == [0, 0]


def test_the_door_goes_round_before_it_is_shared() -> None:
    done = one_host([DOOR] * 3 + [0] * 57, [(0, 0, 1), (0, 0, 1)])
    assert sorted(zip(done.room[:3].tolist(), done.column[:3].tolist(), done.row[:3].tolist())) == [
        (0, 4, 1), (0, 5, 1), (1, 5, 1)
    ]  # fmt: skip
