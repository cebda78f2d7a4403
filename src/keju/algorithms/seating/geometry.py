"""The seats of a room as a graph: who sits beside whom, and how near the door. One entry per shape, not per room."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from keju.algorithms.seating.arrays import Ints
from keju.algorithms.seating.order import Seat, s_order

DOORS = ("front-left", "front-right", "back-left", "back-right")
"""Where a room's door is, as one faces the candidates; arrays hold the place in this list."""
WIDEST = 12
"""Columns up to which the fewest pairs are counted exactly; beyond, a bound is given that is easily had."""


@dataclass(frozen=True)
class Geometry:
    """The distinct shapes (columns, people in the room) of many rooms. Seats count from 0 here.

    `beside[shape, seat]`: the up to four neighbours (left, right, in front, behind), `width` for none.
    `board[shape]`: the seats, the black fields of a chessboard first, front to back; `board_back` the white first.
    `least[shape, m]`: pairs of neighbours that m people of a group make at least, wherever they sit.
    """

    width: int
    beside: Ints
    board: Ints
    board_back: Ints
    least: Ints


def geometry_of(columns: Ints, count: Ints) -> tuple[Ints, Geometry]:
    """The shape of every room, as a number, and what is known of the shapes."""
    kinds, shape = np.unique(np.stack((columns, count), axis=1), axis=0, return_inverse=True)
    width = max(1, int(count.max(initial=0)))
    parts = [_shape(int(wide), int(people), width) for wide, people in kinds.tolist()]
    tables = [np.array([part[n] for part in parts], np.int64) for n in range(4)]
    found: Ints = shape.reshape(-1).astype(np.int64)
    if not parts:
        tables = [np.empty((0, width, 4), np.int64), *(np.empty((0, width), np.int64) for _ in range(3))]
    return found, Geometry(width, *tables)


def _shape(columns: int, people: int, width: int) -> tuple[list[list[int]], list[int], list[int], list[int]]:
    seats = seats_of(columns, people)
    at = {(seat.column, seat.row): seat.serial - 1 for seat in seats}
    around = ((-1, 0), (1, 0), (0, -1), (0, 1))
    beside = [[at.get((seat.column + x, seat.row + y), width) for x, y in around] for seat in seats]
    beside += [[width] * 4] * (width - people)
    front = sorted(seats, key=lambda seat: (seat.row, seat.column))
    rest = list(range(people, width))
    colours = [
        [seat.serial - 1 for seat in front if (seat.column + seat.row) % 2 == colour] for colour in (0, 1)
    ]
    black, white = sorted(colours, key=len, reverse=True)
    return beside, [*black, *white, *rest], [*white, *black, *rest], _least(beside, seats, columns, width)


def _least(beside: list[list[int]], seats: list[Seat], columns: int, width: int) -> list[int]:
    people = len(seats)
    if columns <= WIDEST:
        exact = _fewest_pairs({(s.row, s.column) for s in seats}, columns)
        return [*exact, *[0] * (width - people)]
    degrees = sorted((sum(n < width for n in around) for around in beside[:people]), reverse=True)
    edges = sum(degrees) // 2
    bounds = [max(0, m - (people + 1) // 2, edges - sum(degrees[: people - m])) for m in range(people + 1)]
    return [*bounds, *[0] * (width - people)]


def _fewest_pairs(places: set[tuple[int, int]], columns: int) -> list[int]:
    """For m = 0, 1, …: the fewest pairs of neighbours that any m of the places have among them.

    Exact, desk after desk and row after row: all that counts of the desks before is which of the last `columns` are
    taken (dynamic programming over the broken profile).
    """
    people, half = len(places), 1 << (columns - 1)
    impossible = 4 * people + 4
    taken = np.arange(2 * half)
    left, front = taken & 1, taken // half
    fewest = np.full((2 * half, people + 1), impossible, np.int64)
    fewest[0, 0] = 0
    for row in range(1, max((r for r, _ in places), default=0) + 1):
        for column in range(1, columns + 1):
            after = np.full_like(fewest, impossible)
            # The foremost of the desks remembered is forgotten: two histories become one.
            after[0::2] = np.minimum(fewest[:half], fewest[half:])
            if (row, column) in places:
                met = fewest + (front + (left if column > 1 else 0))[:, None]
                after[1::2, 1:] = np.minimum(met[:half], met[half:])[:, :-1]
            fewest = after
    found: list[int] = fewest.min(axis=0).tolist()
    return found


def seats_of(columns: int, people: int) -> list[Seat]:
    """The seats of so many people in a room of so many columns and rows enough."""
    return s_order(columns, -(-people // columns) or 1, people)


@cache
def nearest(columns: int, rows: int, people: int, door: int) -> tuple[int, ...]:
    """The seats (from 0) by their way to the door along the aisles; equal ones in the order of their numbers.

    `rows` of desks stand in the room, seats or not: a door at the back is behind the last of them.
    """
    seats = seats_of(columns, people)
    way = [(way_to_door(s, columns, rows, DOORS[door]), s.serial) for s in seats]
    return tuple(serial - 1 for _, serial in sorted(way))


def way_to_door(seat: Seat, columns: int, rows: int, door: str) -> int:
    """Desks to be passed along the aisles from the seat to the desk at the door (one of `DOORS`)."""
    at_column = 1 if door.endswith("left") else columns
    at_row = 1 if door.startswith("front") else rows
    return abs(seat.column - at_column) + abs(seat.row - at_row)
