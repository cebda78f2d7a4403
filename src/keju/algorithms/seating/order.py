"""The S of seats in a room (V14.7.3).

Columns count from the left as one faces the candidates, rows from the front. As many full rows as the
candidates fill are taken first; over them the S runs up and down by columns from the first. What does not
fill a row sits behind the last full one and comes last in the count, beginning at the side where the S
ended, so that it runs on without a jump where that is possible. Seen by who faces the candidates, 17 in five
columns, and 3 in five columns (no full row: the first column is still the first):

    row 4                      17   16
    row 3     3    4    9   10   15
    row 2     2    5    8   11   14
    row 1     1    6    7   12   13          1   2   3
            col 1                col 5

With an even number of columns the S ends in front; the last row then starts behind it, in the same column.
"""

from typing import NamedTuple


class Seat(NamedTuple):
    """A seat: its number in the room, its column from the left facing the candidates, its row from the front.

    All three count from 1.
    """

    serial: int
    column: int
    row: int


def s_order(columns: int, rows: int, count: int) -> list[Seat]:
    """The first `count` seats of a room in the order of their numbers.

    Raises ValueError for a room without desks or with fewer than `count`.
    """
    if columns < 1 or rows < 1 or not 0 <= count <= columns * rows:
        raise ValueError(f"{count} candidates do not fit into {columns} columns of {rows}")
    full, left = divmod(count, columns)
    places: list[tuple[int, int]] = []
    for column in range(1, columns + 1):
        down = range(1, full + 1)
        places += [(column, row) for row in (down if column % 2 else reversed(down))]
    last = range(columns, columns - left, -1) if full else range(1, left + 1)
    places += [(column, full + 1) for column in last]
    return [Seat(serial, column, row) for serial, (column, row) in enumerate(places, 1)]
