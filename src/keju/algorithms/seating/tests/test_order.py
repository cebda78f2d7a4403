"""The S of seats: pictures for given rooms, laws for every room."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.seating import s_order
from keju.algorithms.seating.bulk import s_places

rooms = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: st.tuples(st.just(shape[0]), st.just(shape[1]), st.integers(0, shape[0] * shape[1]))
)


def picture(columns: int, rows: int, count: int) -> list[list[int]]:
    """Rows from the back to the front, as one faces the candidates; 0 is an empty place."""
    grid = [[0] * columns for _ in range(rows)]
    for seat in s_order(columns, rows, count):
        grid[seat.row - 1][seat.column - 1] = seat.serial
    return grid[::-1]


@pytest.mark.rule("V14.7.3")
def test_the_standard_room_of_thirty() -> None:
    assert picture(5, 6, 30) == [
        [6, 7, 18, 19, 30],
        [5, 8, 17, 20, 29],
        [4, 9, 16, 21, 28],
        [3, 10, 15, 22, 27],
        [2, 11, 14, 23, 26],
        [1, 12, 13, 24, 25],
    ]


@pytest.mark.rule("V14.7.3")
def test_the_incomplete_row_comes_last() -> None:
    assert picture(5, 6, 17) == [
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 17, 16],
        [3, 4, 9, 10, 15],
        [2, 5, 8, 11, 14],
        [1, 6, 7, 12, 13],
    ]


@pytest.mark.rule("V14.7.3")
def test_an_even_number_of_columns_ends_in_front() -> None:
    assert picture(4, 3, 10) == [
        [0, 0, 10, 9],
        [2, 3, 6, 7],
        [1, 4, 5, 8],
    ]


@pytest.mark.rule("V14.7.3")
def test_fewer_than_a_row_begin_at_the_first_column() -> None:
    assert picture(5, 2, 3) == [[0, 0, 0, 0, 0], [1, 2, 3, 0, 0]]
    assert picture(5, 2, 0) == [[0] * 5, [0] * 5]


@given(rooms)
@pytest.mark.rule("V14.7.3")
def test_laws_of_every_room(shape: tuple[int, int, int]) -> None:
    columns, rows, count = shape
    seats = s_order(columns, rows, count)
    assert [seat.serial for seat in seats] == list(range(1, count + 1))
    assert len({(seat.column, seat.row) for seat in seats}) == count
    assert all(1 <= seat.column <= columns and 1 <= seat.row <= rows for seat in seats)
    if seats:
        assert (seats[0].column, seats[0].row) == (1, 1)
    full = count // columns
    # Every row but the last is full, and whoever sits in the incomplete one comes after all others.
    assert Counter(seat.row for seat in seats if seat.row <= full) == {
        row + 1: columns for row in range(full)
    }
    assert all((seat.serial > full * columns) == (seat.row == full + 1) for seat in seats)
    # Neighbours in number are neighbours in the room, but for the step into the last row from the front.
    for one, next_one in pairwise(seats):
        distance = abs(one.column - next_one.column) + abs(one.row - next_one.row)
        into_last = next_one.serial == full * columns + 1
        assert distance == 1 or (into_last and columns % 2 == 0 and one.column == next_one.column)


@given(rooms)
def test_arrays_give_the_same_seats(shape: tuple[int, int, int]) -> None:
    columns, rows, count = shape
    seat = np.arange(1, count + 1)
    column, row = s_places(np.full(count, columns), np.full(count, count), seat)
    assert list(zip(seat.tolist(), column.tolist(), row.tolist())) == s_order(columns, rows, count)


@pytest.mark.parametrize("shape", [(0, 5, 0), (5, 0, 0), (5, 6, 31), (5, 6, -1)])
def test_impossible_rooms(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        s_order(*shape)
