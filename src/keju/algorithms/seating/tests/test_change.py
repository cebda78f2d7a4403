"""Free seats and differences: nothing that stands is touched, the S goes on where it ended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.seating import Seat, difference, free_seats, ranges, s_order

ROOMS = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda size: st.tuples(st.just(size[0]), st.just(size[1]), st.integers(0, size[0] * size[1]))
)


@pytest.mark.rule("V14.7.3")
def test_the_s_goes_on_behind_the_last_row() -> None:
    """17 in five columns end at column 4 of row 4: row 4 is filled towards the left, row 5 comes back."""
    found = free_seats(5, 6, 30, s_order(5, 6, 17))
    assert [(s.serial, s.column, s.row) for s in found[:4]] == [
        (18, 3, 4),
        (19, 2, 4),
        (20, 1, 4),
        (21, 1, 5),
    ]
    assert found[-1] == Seat(30, 1, 6)
    assert [s.serial for s in free_seats(5, 6, 20, s_order(5, 6, 17))] == [18, 19, 20]


def test_an_empty_room_begins_at_the_left_in_front() -> None:
    assert free_seats(3, 2, 30, [])[:4] == [Seat(1, 1, 1), Seat(2, 2, 1), Seat(3, 3, 1), Seat(4, 3, 2)]


def test_a_seat_given_up_keeps_number_and_desk() -> None:
    seats = s_order(4, 7, 25)
    gone = [seats[3], seats[24]]
    left = [s for s in seats if s not in gone]
    assert free_seats(4, 7, 25, left, gone) == gone
    assert free_seats(4, 7, 25, seats, gone) == []


@given(ROOMS, st.integers(1, 81), st.data())
def test_free_seats_and_taken_ones_fill_the_room_once(
    room: tuple[int, int, int], limit: int, data: st.DataObject
) -> None:
    columns, rows, count = room
    seats = s_order(columns, rows, count)
    gone = data.draw(st.lists(st.sampled_from(seats), unique=True)) if seats else []
    left = [s for s in seats if s not in gone]
    found = free_seats(columns, rows, limit, left, gone)
    every = left + found
    assert len({s.serial for s in every}) == len({(s.column, s.row) for s in every}) == len(every)
    assert all(1 <= s.column <= columns and 1 <= s.row <= rows for s in every)
    assert all(s.serial <= limit for s in found)
    assert {s.serial for s in gone if s.serial <= limit} <= {s.serial for s in found}
    if limit >= columns * rows:
        assert sorted(s.serial for s in every) == list(range(1, columns * rows + 1))


@pytest.mark.parametrize(
    "taken", [[Seat(1, 1, 1), Seat(1, 2, 1)], [Seat(1, 1, 1), Seat(2, 1, 1)], [Seat(1, 9, 1)]]
)
def test_a_room_that_cannot_be_is_refused(taken: list[Seat]) -> None:
    with pytest.raises(ValueError, match=r"seat|desk"):
        free_seats(3, 3, 9, taken)


@given(
    st.dictionaries(st.integers(0, 20), st.integers(0, 3)),
    st.dictionaries(st.integers(0, 20), st.integers(0, 3)),
)
def test_a_difference_leads_from_the_one_to_the_other_and_names_nobody_else(
    former: dict[int, int], now: dict[int, int]
) -> None:
    diff = difference(former, now)
    assert bool(diff) is (former != now)
    assert len(set(diff.people)) == len(diff.people)
    rebuilt = {who: where for who, where in former.items() if who not in diff.left}
    rebuilt |= {who: to for who, (_, to) in diff.moved.items()} | dict(diff.came)
    assert rebuilt == now
    assert all(former.get(who) != now.get(who) for who in diff.people)


@pytest.mark.parametrize(
    ("numbers", "runs"),
    [
        ([], []),
        (["1113010003", "1113010001", "1113010002"], [("1113010001", "1113010003")]),
        (["0001", "0003", "0004"], [("0001", "0001"), ("0003", "0004")]),
    ],
)
def test_numbers_are_said_as_runs(numbers: list[str], runs: list[tuple[str, str]]) -> None:
    assert ranges(numbers) == runs
