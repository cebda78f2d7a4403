"""The whole country in arrays gives what the rules give room by room, and the laws hold for it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.draw import permutation, sort_key
from keju.algorithms.seating import (
    Allocation,
    Candidates,
    Room,
    Rooms,
    Shortfall,
    TooMany,
    allocate,
    fill_rooms,
    permutation_keys,
    s_order,
)

Person = tuple[int, int, int, int]
"""Host point, category, key, number."""
Place = tuple[int, int, int, int, int]
"""Room, seat, column, row, serial."""


@dataclass
class Case:
    people: list[Person]
    rooms: list[tuple[int, int, int, int, int, int]]
    mix: bool

    def candidates(self) -> Candidates:
        table = list(zip(*self.people)) or [()] * 4
        point, category, key, ident = table
        ints = [np.array(column, np.int64) for column in (point, category, ident)]
        return Candidates(ints[0], ints[1], np.array(key, np.uint64), ints[2])

    def halls(self) -> Rooms:
        return Rooms(*(np.array(column, np.int64) for column in (list(zip(*self.rooms)) or [()] * 6)))

    def allocate(self, serial_max: int = 9999) -> Allocation:
        return allocate(self.candidates(), self.halls(), serial_max=serial_max, mix=self.mix)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A small country of odd shape; what fills it follows from a drawn seed, which is faster to make."""
    points, size = draw(st.integers(1, 4)), draw(st.integers(0, 150))
    halls, kinds, keys = (
        draw(st.integers(1, 30)),
        draw(st.integers(1, 3)),
        draw(st.sampled_from([1, 6, 2**64])),
    )
    chance = Random(draw(st.integers(0, 2**32)))
    people = [
        (chance.randint(1, points), chance.randint(1, kinds), chance.randrange(keys), ident)
        for ident in chance.sample(range(1000), size)
    ]
    rooms = []
    for point in range(1, points + 1):
        standard = chance.choice([30, 25, 3])
        for order in chance.sample(range(100), halls):
            columns, rows = chance.randint(1, 6), chance.randint(1, 6)
            rooms.append((point, order, chance.randint(0, columns * rows), standard, columns, rows))
    chance.shuffle(rooms)
    return Case(people, rooms, draw(st.booleans()))


def one_by_one(case: Case) -> dict[int, Place] | set[int]:
    """Number → place by the plain functions; or the host points without enough rooms."""
    places: dict[int, Place] = {}
    refused: set[int] = set()
    for point in sorted({person[0] for person in case.people}):
        queues: dict[int, list[int]] = defaultdict(list)
        for _, category, _, ident in sorted(
            (person for person in case.people if person[0] == point), key=lambda person: person[1:]
        ):
            queues[category].append(ident)
        here = [(index, room) for index, room in enumerate(case.rooms) if room[0] == point]
        standard = here[0][1][3]
        rooms = [Room(str(index), room[2], room[1]) for index, room in here]
        counts = [(str(category), len(queue)) for category, queue in queues.items()]
        filling = fill_rooms(counts, rooms, standard, mix=case.mix)
        if filling.shortfall:
            refused.add(point)
            continue
        seated: dict[str, int] = defaultdict(int)
        for load in filling.loads:
            seated[load.room] += load.count
        serial = 0
        for load in filling.loads:
            room = case.rooms[int(load.room)]
            seats = s_order(room[4], room[5], seated[load.room])
            for seat in seats[load.first_seat - 1 : load.first_seat - 1 + load.count]:
                serial += 1
                ident = queues[int(load.category)].pop(0)
                places[ident] = (int(load.room), seat.serial, seat.column, seat.row, serial)
    return refused or places


def as_places(case: Case, done: Allocation) -> dict[int, Place]:
    columns = (done.room, done.seat, done.column, done.row, done.serial)
    return {person[3]: place for person, place in zip(case.people, zip(*(c.tolist() for c in columns)))}


@given(cases())
@pytest.mark.rule("V7.2", "V14.7.1", "V14.7.3")
def test_arrays_give_what_the_plain_rules_give(case: Case) -> None:
    expected = one_by_one(case)
    done = case.allocate()
    if isinstance(expected, set):
        assert {point for point, _ in done.refusals} == expected
        assert len(done.room) == len(done.serial) == 0
    else:
        assert done.refusals == ()
        assert as_places(case, done) == expected


@given(cases())
@pytest.mark.rule("V7.2", "V14.7.1")
def test_laws_of_a_plan(case: Case) -> None:
    done = case.allocate()
    if done.refusals:
        return
    places = as_places(case, done)
    assert len(places) == len(case.people)
    assert len({place[:2] for place in places.values()}) == len(places), "two on one seat"
    assert len({(place[0], *place[2:4]) for place in places.values()}) == len(places), "two at one desk"
    serials: dict[int, list[int]] = defaultdict(list)
    inside: dict[int, set[int]] = defaultdict(set)
    for point, category, _, ident in case.people:
        room = places[ident][0]
        assert case.rooms[room][0] == point, "seated at another host point"
        serials[point].append(places[ident][4])
        inside[room].add(category)
    for found in serials.values():
        assert sorted(found) == list(range(1, len(found) + 1))
    assert case.mix or all(len(categories) == 1 for categories in inside.values())


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_in_which_candidates_come_does_not_matter(case: Case, random: object) -> None:
    shuffled = replace(case, people=list(case.people))
    random.shuffle(shuffled.people)  # type: ignore[attr-defined]
    assert as_places(case, case.allocate()) == as_places(shuffled, shuffled.allocate())


@pytest.mark.rule("V7.2")
def test_too_many_for_the_serials_refuses_everybody_and_names_the_point() -> None:
    people = [(7, 1, i, i) for i in range(31)] + [(8, 1, i, 100 + i) for i in range(30)]
    rooms = [(point, order, 30, 30, 5, 6) for point in (7, 8) for order in (1, 2)]
    done = Case(people, rooms, False).allocate(serial_max=30)
    assert done.refusals == ((7, TooMany(31, 30)),)
    assert len(done.serial) == 0
    assert Case(people, rooms, False).allocate(serial_max=31).refusals == ()


@pytest.mark.rule("V14.7.1")
def test_too_few_rooms_names_every_point() -> None:
    people = [(7, 1, i, i) for i in range(31)] + [(9, 2, 1, 50)]
    done = Case(people, [(7, 1, 40, 30, 5, 8)], False).allocate()
    assert done.refusals == ((7, Shortfall("1", 1, 1)), (9, Shortfall("2", 1, 1)))


@given(st.binary(max_size=40), st.lists(st.integers(0, 2**40), unique=True, max_size=40))
def test_keys_in_bulk_are_the_keys_one_by_one(seed: bytes, ids: list[int]) -> None:
    keys = permutation_keys(seed, ids)
    assert keys.tolist() == [sort_key(seed, ident) for ident in ids]
    assert [ids[i] for i in np.argsort(keys, kind="stable")] == permutation(seed, ids)


@pytest.mark.parametrize(
    ("people", "rooms", "words"),
    [
        ([(1, 1, 1, 5), (1, 1, 2, 5)], [(1, 1, 30, 30, 5, 6)], "a candidate stands twice"),
        ([(1, 1, 1, 5)], [(1, 1, 30, 30, 5, 6), (1, 1, 30, 30, 5, 6)], "same place"),
        ([(1, 1, 1, 5)], [(1, 1, 30, 30, 5, 5)], "more than it has desks"),
        ([(1, 1, 1, 5)], [(1, 1, 30, 0, 5, 6)], "at least 1"),
        ([(1, 1, 1, 5)], [(1, 1, 30, 30, 0, 6)], "at least 1"),
    ],
)
def test_nonsense_is_refused(people: list[Person], rooms: list[tuple[int, ...]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Case(people, rooms, False).allocate()  # type: ignore[arg-type]


def test_columns_of_unequal_length_are_refused() -> None:
    case = Case([(1, 1, 1, 5)], [(1, 1, 30, 30, 5, 6)], False)
    short = replace(case.candidates(), ident=np.empty(0, np.int64))
    with pytest.raises(ValueError, match="equal length"):
        allocate(short, case.halls())
