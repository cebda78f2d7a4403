"""Rooms are filled to the standard, the last takes the remainder, categories stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.seating import Room, RoomLoad, Shortfall, fill_rooms

HALL = [Room(f"R{i:02}", 40, i) for i in range(1, 11)]


def loads(counts: list[tuple[str, int]], rooms: list[Room], standard: int, mix: bool = False) -> list[object]:
    filling = fill_rooms(counts, rooms, standard, mix=mix)
    return [(load.room, load.category, load.first_seat, load.count) for load in filling.loads]


@pytest.mark.rule("V14.7.1")
def test_standard_then_remainder() -> None:
    assert loads([("vet", 65)], HALL, 30) == [
        ("R01", "vet", 1, 30),
        ("R02", "vet", 1, 30),
        ("R03", "vet", 1, 5),
    ]
    assert loads([("vet", 65)], HALL, 25) == [
        ("R01", "vet", 1, 25),
        ("R02", "vet", 1, 25),
        ("R03", "vet", 1, 15),
    ]


@pytest.mark.rule("V14.7.1")
def test_categories_are_not_mixed_unless_allowed() -> None:
    counts = [("vet", 35), ("assistant", 40)]
    assert loads(counts, HALL, 30) == [
        ("R01", "vet", 1, 30),
        ("R02", "vet", 1, 5),
        ("R03", "assistant", 1, 30),
        ("R04", "assistant", 1, 10),
    ]
    assert loads(counts, HALL, 30, mix=True) == [
        ("R01", "vet", 1, 30),
        ("R02", "vet", 1, 5),
        ("R02", "assistant", 6, 25),
        ("R03", "assistant", 1, 15),
    ]


def test_small_rooms_are_filled_to_their_capacity_and_order_decides() -> None:
    rooms = [Room("B", 10, 2), Room("A", 30, 2), Room("C", 12, 1), Room("D", 0, 0)]
    assert loads([("vet", 50)], rooms, 30) == [("C", "vet", 1, 12), ("A", "vet", 1, 30), ("B", "vet", 1, 8)]


def test_a_category_without_candidates_takes_no_room() -> None:
    assert loads([("vet", 0), ("assistant", 1)], HALL, 30) == [("R01", "assistant", 1, 1)]
    assert loads([], HALL, 30) == []


@pytest.mark.rule("V14.7.1")
def test_too_few_rooms_is_an_answer_not_half_a_plan() -> None:
    filling = fill_rooms([("vet", 31), ("assistant", 5)], HALL[:1], 30)
    assert filling.loads == ()
    assert filling.shortfall == Shortfall("vet", 1, 6)


@given(
    st.lists(st.integers(0, 90), max_size=4),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=12),
    st.sampled_from([30, 25, 1]),
    st.booleans(),
)
@pytest.mark.rule("V14.7.1")
def test_laws_of_filling(numbers: list[int], shapes: list[tuple[int, int]], standard: int, mix: bool) -> None:
    counts = [(f"c{i}", number) for i, number in enumerate(numbers)]
    rooms = [Room(f"r{i}", capacity, order) for i, (capacity, order) in enumerate(shapes)]
    filling = fill_rooms(counts, rooms, standard, mix=mix)
    assert filling == fill_rooms(counts, rooms[::-1], standard, mix=mix)
    size = {room.code: min(room.capacity, standard) for room in rooms}
    if filling.shortfall:
        if mix:
            assert sum(numbers) - sum(size.values()) == filling.shortfall.missing_in_all
        assert filling.shortfall.missing > 0
        return
    for category, number in counts:
        own = [load for load in filling.loads if load.category == category]
        assert sum(load.count for load in own) == number
        # All but the last room of a category are full.
        assert all(load.first_seat + load.count - 1 == size[load.room] for load in own[:-1])
    by_room: dict[str, list[RoomLoad]] = {}
    for load in filling.loads:
        by_room.setdefault(load.room, []).append(load)
    for room, inside in by_room.items():
        seats = [seat for load in inside for seat in range(load.first_seat, load.first_seat + load.count)]
        assert seats == list(range(1, len(seats) + 1))
        assert len(seats) <= size[room]
        assert mix or len(inside) == 1


@pytest.mark.parametrize(
    ("counts", "rooms", "standard"),
    [
        ([("vet", -1)], HALL, 30),
        ([("vet", 1), ("vet", 1)], HALL, 30),
        ([("vet", 1)], HALL + HALL[:1], 30),
        ([("vet", 1)], HALL, 0),
    ],
)
def test_nonsense_is_refused(counts: list[tuple[str, int]], rooms: list[Room], standard: int) -> None:
    with pytest.raises(ValueError, match=r"twice|at least 1"):
        fill_rooms(counts, rooms, standard)
