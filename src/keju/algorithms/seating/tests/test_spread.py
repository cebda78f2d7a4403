"""Neighbours of one employer or school: parted where the room allows it, and what is left is counted truly."""

from collections import Counter
from itertools import combinations, permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keju.algorithms.seating import s_order
from keju.algorithms.seating.geometry import geometry_of, nearest
from keju.algorithms.seating.spread import People, Spread, spread


def pairs_of(columns: int, groups: list[tuple[int, int]]) -> int:
    """By the definition alone: one desk apart in a column or a row, and of one employer or one school."""
    seats = s_order(columns, -(-len(groups) // columns) or 1, len(groups))
    at = {(s.column, s.row): groups[s.serial - 1] for s in seats}
    found = 0
    for (column, row), mine in at.items():
        for beside in ((column + 1, row), (column, row + 1)):
            other = at.get(beside)
            found += other is not None and any(a == b != 0 for a, b in zip(mine, other, strict=True))
    return found


def run(
    columns: int, groups: list[tuple[int, int]], free: list[bool] | None = None
) -> tuple[Spread, list[tuple[int, int]]]:
    shape, geometry = geometry_of(np.array([columns]), np.array([len(groups)]))
    table = np.array([groups], np.int64).reshape(1, -1, 2)
    may = np.array([free or [True] * len(groups)])
    done = spread(People(table[:, :, 0], table[:, :, 1], may), shape, geometry)
    return done, [groups[who] for who in done.seat[0].tolist()]


rooms = st.tuples(st.integers(1, 8), st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**32))


def people(count: int, kinds: int, chance: Random) -> list[tuple[int, int]]:
    """Few large groups and many small ones; some people without."""
    return [(int(kinds * chance.random() ** 2), int(2 * kinds * chance.random() ** 2)) for _ in range(count)]


@given(rooms)
@settings(max_examples=60)
@pytest.mark.rule("V14.7.3")
def test_everybody_keeps_one_seat_and_no_room_is_worse_than_as_drawn(room: tuple[int, int, int, int]) -> None:
    columns, count, kinds, seed = room
    groups = people(count, kinds, Random(seed))
    done, seated = run(columns, groups)
    assert sorted(done.seat[0].tolist()) == list(range(count))
    assert pairs_of(columns, seated) == done.pairs[0] <= pairs_of(columns, groups)
    assert done.least[0] <= done.pairs[0]
    assert run(columns, groups)[0].seat.tobytes() == done.seat.tobytes(), (
        "the same people give the same seats"
    )


@given(rooms, st.data())
@settings(max_examples=30)
def test_who_may_not_move_keeps_the_seat(room: tuple[int, int, int, int], data: st.DataObject) -> None:
    columns, count, kinds, seed = room
    free = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    groups = people(count, kinds, Random(seed))
    done, seated = run(columns, groups, free)
    assert all(free[n] or who == n for n, who in enumerate(done.seat[0].tolist()))
    assert pairs_of(columns, seated) == done.pairs[0] <= pairs_of(columns, groups)


@given(st.integers(2, 7), st.integers(4, 35), st.integers(0, 2**32))
@settings(max_examples=60)
def test_where_no_employer_has_more_than_half_nobody_sits_beside_a_colleague(
    columns: int, count: int, seed: int
) -> None:
    chance = Random(seed)
    most = chance.randint(1, max(1, count // 2 - 1))
    sizes: list[int] = []
    while sum(sizes) < count:
        sizes.append(min(chance.randint(1, most), count - sum(sizes)))
    groups = [(n, 0) for n, size in enumerate(sizes, 1) for _ in range(size)]
    chance.shuffle(groups)
    if columns == 1 or count < 2 * columns:
        return  # a single line of desks is a path, where a few sizes leave a pair
    assert run(columns, groups)[0].pairs[0] == 0


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("count", [1, 4, 7, 9, 11])
def test_the_fewest_pairs_of_a_group_are_exact(columns: int, count: int) -> None:
    """Against every choice of seats: what is called unavoidable is, and no more than is."""
    _, geometry = geometry_of(np.array([columns]), np.array([count]))
    for m in range(count + 1):
        tried = (
            pairs_of(columns, [(int(n in chosen), 0) for n in range(count)])
            for chosen in map(set, combinations(range(count), m))
        )
        assert geometry.least[0, m] == min(tried), m


def test_more_than_half_of_one_employer_leaves_pairs_and_never_fewer_than_proven() -> None:
    groups = [(1, 0)] * 18 + [(n, 0) for n in range(2, 14)]
    done, _ = run(5, groups)
    assert done.pairs[0] == done.least[0] > 0


@pytest.mark.parametrize("seed", range(3))
def test_against_every_order_of_a_small_room(seed: int) -> None:
    groups = people(6, 3, Random(seed))
    best = min(pairs_of(3, [groups[n] for n in order]) for order in permutations(range(6)))
    assert run(3, groups)[0].pairs[0] == best


def test_many_rooms_side_by_side_are_as_each_alone() -> None:
    chance = Random(5)
    shapes = [(chance.randint(1, 7), chance.randint(1, 35)) for _ in range(40)]
    crowd = [people(count, 6, chance) for _, count in shapes]
    shape, geometry = geometry_of(*(np.array(part) for part in zip(*shapes, strict=True)))
    table = np.zeros((40, geometry.width, 2), np.int64)
    free = np.zeros((40, geometry.width), bool)
    for n, groups in enumerate(crowd):
        table[n, : len(groups)], free[n, : len(groups)] = groups, True
    done = spread(People(table[:, :, 0], table[:, :, 1], free), shape, geometry)
    for n, ((columns, count), groups) in enumerate(zip(shapes, crowd, strict=True)):
        alone, _ = run(columns, groups)
        assert done.seat[n, :count].tolist() == alone.seat[0].tolist()
        assert (done.pairs[n], done.least[n]) == (alone.pairs[0], alone.least[0])


def test_nearest_the_door() -> None:
    """Facing the candidates: column 1 is at the left, row 1 in front; 5 columns of 6, 30 people."""
    seats = s_order(5, 6, 30)
    corners = [seats[nearest(5, 6, 30, door)[0]][1:] for door in range(4)]
    assert corners == [(1, 1), (5, 1), (1, 6), (5, 6)]
    assert Counter(nearest(5, 6, 17, 3)) == Counter(range(17))
