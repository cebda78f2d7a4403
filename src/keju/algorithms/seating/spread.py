"""Colleagues and schoolmates apart: within every room people change seats until no two of a group are neighbours.

Neighbours sit one desk apart, front to back in a column or left to right in a row; diagonals do not count. A room is
a graph of seats; people of one group on neighbouring seats make a pair. Of each room the seat with most pairs is
given to whomever leaves the fewest pairs (steepest descent over exchanges, as the min-conflicts heuristic of Minton,
Johnston, Philips, Laird, Artificial Intelligence 58, 1992), until no single exchange helps; where pairs are left, the
descent starts again from rooms laid out like a chessboard, group after group, and the best is kept. Nothing is
random: the seats follow from the order in which people came. Rooms are worked on side by side, in arrays.

How many pairs nobody could avoid is known from below: `geometry` says the fewest that so many of one group make in such
a room wherever they sit; different groups make different pairs, so over the groups these add up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.seating.arrays import Ints
from keju.algorithms.seating.geometry import Geometry

NONE = 0
"""The group of who belongs to none: two of them never make a pair."""
CHUNK = 2_048  # rooms at a time: what they need stays in the processor's cache
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class People:
    """Who sits in the rooms, one line per room and one column per seat number from 1: group by employer, group by
    school, and whether the person may change the seat. Beyond the people of a room stands NONE and False.
    """

    employer: Ints
    school: Ints
    free: Bools


@dataclass(frozen=True)
class Spread:
    """`seat[room, n]`: which of the people of the room (counted from 0) now sits on the seat number n + 1;
    per room the pairs of neighbours of one group that are left, and how many no order of seats could avoid."""

    seat: Ints
    pairs: Ints
    least: Ints


def spread(people: People, shape: Ints, geometry: Geometry) -> Spread:
    """Everybody's seat within their room so that few neighbours are of one group; `shape` is the rooms' in `geometry`.

    Never more pairs than in the order given; a pair that cannot be avoided is counted. Whoever may not move stays, and
    changes with nobody.
    """
    seat = np.tile(np.arange(people.free.shape[1]), (len(shape), 1))
    pairs, least = np.zeros(len(shape), np.int64), np.zeros(len(shape), np.int64)
    for start in range(0, len(shape), CHUNK):
        part = slice(start, start + CHUNK)
        chunk = People(people.employer[part], people.school[part], people.free[part])
        found = _chunk(chunk, shape[part], geometry)
        seat[part], pairs[part], least[part] = found.seat, found.pairs, found.least
    return Spread(seat, pairs, least)


def _chunk(people: People, shape: Ints, geometry: Geometry) -> Spread:
    beside = geometry.beside[shape]
    seat = np.tile(np.arange(people.free.shape[1]), (len(shape), 1))
    pairs, least = _pairs(people, seat, beside), _least(people, shape, geometry)
    todo = np.flatnonzero(pairs > least)
    seat[todo], pairs[todo] = _descend(_of(people, todo), seat[todo], beside[todo])
    for order in _boards(geometry):
        todo = np.flatnonzero(pairs > least)
        if not len(todo):
            break
        for colour in (people.employer, people.school):
            again = _laid_out(_of(people, todo), colour[todo], order[shape[todo]])
            tried, left = _descend(_of(people, todo), again, beside[todo])
            better = left < pairs[todo]
            seat[todo[better]], pairs[todo[better]] = tried[better], left[better]
    return Spread(seat, pairs, least)


def _of(people: People, rooms: NDArray[np.intp]) -> People:
    return People(people.employer[rooms], people.school[rooms], people.free[rooms])


def _same(one: Ints, other: Ints) -> Bools:
    found: Bools = (one == other) & (one != NONE)
    return found


def _conflicts(employer: Ints, school: Ints, beside: Ints) -> Ints:
    """Of every seat, how many neighbours are of a group of who sits there."""
    rooms = np.arange(len(beside))[:, None, None]
    # One column more for seats beside nobody.
    padded = [np.pad(part, ((0, 0), (0, 1)))[rooms, beside] for part in (employer, school)]
    met = _same(padded[0], employer[:, :, None]) | _same(padded[1], school[:, :, None])
    found: Ints = met.sum(axis=2)
    return found


def _pairs(people: People, seat: Ints, beside: Ints) -> Ints:
    employer, school = (np.take_along_axis(part, seat, axis=1) for part in (people.employer, people.school))
    found: Ints = _conflicts(employer, school, beside).sum(axis=1) // 2
    return found


def _descend(people: People, seat: Ints, beside: Ints) -> tuple[Ints, Ints]:
    """The seats and pairs left when no exchange of a person in a pair with anybody of the room leaves fewer pairs."""
    seat = seat.copy()
    employer, school = (np.take_along_axis(part, seat, axis=1) for part in (people.employer, people.school))
    free = np.take_along_axis(people.free, seat, axis=1)
    tried = ~free
    rooms = np.arange(len(seat))
    while len(rooms):
        conflicts = _conflicts(employer[rooms], school[rooms], beside[rooms])
        open_ = np.where(tried[rooms], 0, conflicts)
        worst = open_.argmax(axis=1)
        going = np.take_along_axis(open_, worst[:, None], axis=1)[:, 0] > 0
        rooms, worst, conflicts = rooms[going], worst[going], conflicts[going]
        if not len(rooms):
            break
        gain = _gains(employer[rooms], school[rooms], beside[rooms], conflicts, worst)
        gain[~free[rooms]] = 0
        partner = gain.argmax(axis=1)
        helps = np.take_along_axis(gain, partner[:, None], axis=1)[:, 0] > 0
        tried[rooms[~helps], worst[~helps]] = True
        changed, one, other = rooms[helps], worst[helps], partner[helps]
        for table in (seat, employer, school):
            table[changed, one], table[changed, other] = table[changed, other], table[changed, one]
        tried[changed] = ~free[changed]
    return seat, _conflicts(employer, school, beside).sum(axis=1) // 2


def _gains(employer: Ints, school: Ints, beside: Ints, conflicts: Ints, worst: NDArray[np.intp]) -> Ints:
    """Per room and seat, how many pairs fewer there are when who sits on `worst` changes with who sits there."""
    rooms = np.arange(len(worst))
    mine_at = [part[rooms, worst][:, None, None] for part in (employer, school)]
    padded = [np.pad(part, ((0, 0), (0, 1))) for part in (employer, school)]
    # I come there: the neighbours of that seat, but not I myself where it is beside mine.
    there = [part[rooms[:, None, None], beside] for part in padded]
    i_meet = (_same(there[0], mine_at[0]) | _same(there[1], mine_at[1])) & (beside != worst[:, None, None])
    # They come here: the neighbours of my seat, but not they themselves.
    around = beside[rooms, worst]
    here = [part[rooms[:, None], around][:, None, :] for part in padded]
    they_meet = _same(here[0], employer[:, :, None]) | _same(here[1], school[:, :, None])
    seats = np.arange(employer.shape[1])
    they_meet &= around[:, None, :] != seats[None, :, None]
    # If we are neighbours, our own pair is in both sums of before and stays: it is taken out of both.
    next_to = (beside == worst[:, None, None]).any(axis=2)
    ours = next_to & (
        _same(employer, employer[rooms, worst][:, None]) | _same(school, school[rooms, worst][:, None])
    )
    before = conflicts + conflicts[rooms, worst][:, None] - 2 * ours
    gain: Ints = before - i_meet.sum(axis=2) - they_meet.sum(axis=2)
    gain[rooms, worst] = 0
    return gain


def _boards(geometry: Geometry) -> list[Ints]:
    """Two orders of the seats of every shape: first the black fields, then the white ones, and the other way round."""
    return [geometry.board, geometry.board_back]


def _laid_out(people: People, colour: Ints, order: Ints) -> Ints:
    """Group after group, the largest first, on the seats in `order`; who may not move stays."""
    count = _sizes(colour)
    # The fields that are free, in the order of the board; the people who are free, largest group first.
    place = np.argsort(np.where(np.take_along_axis(people.free, order, axis=1), 0, 1), axis=1, kind="stable")
    fields = np.take_along_axis(order, place, axis=1)
    group = np.where(colour == NONE, np.iinfo(np.int64).max, colour)
    line = np.lexsort((group, -count, ~people.free), axis=1)
    seat = np.tile(np.arange(colour.shape[1]), (len(colour), 1))
    moved = np.take_along_axis(people.free, line, axis=1)
    rooms = np.broadcast_to(np.arange(len(colour))[:, None], line.shape)
    seat[rooms[moved], fields[moved]] = line[moved]
    return seat


def _sizes(colour: Ints) -> Ints:
    """Of everybody, how many of the room are of their group; 1 for who has none."""
    order = np.argsort(colour, axis=1, kind="stable")
    line = np.take_along_axis(colour, order, axis=1)
    new = np.ones(line.shape, bool)
    new[:, 1:] = (line[:, 1:] != line[:, :-1]) | (line[:, 1:] == NONE)
    run = np.cumsum(new.ravel()) - 1
    sizes = np.bincount(run)[run].reshape(line.shape)
    found = np.empty_like(colour)
    np.put_along_axis(found, order, sizes, axis=1)
    return found


def _least(people: People, shape: Ints, geometry: Geometry) -> Ints:
    """Pairs that no order of the seats avoids: of employers or of schools, whichever are more."""
    bounds = geometry.least[shape]
    found = [_unavoidable(colour, bounds) for colour in (people.employer, people.school)]
    most: Ints = np.maximum(*found)
    return most


def _unavoidable(colour: Ints, bounds: Ints) -> Ints:
    line = np.sort(colour, axis=1)
    starts = np.ones(line.shape, bool)
    starts[:, 1:] = line[:, 1:] != line[:, :-1]
    run = np.cumsum(starts.ravel()) - 1
    sizes = np.bincount(run)[run].reshape(line.shape)
    counted = np.where(starts & (line != NONE), sizes, 0)
    found: Ints = np.take_along_axis(bounds, counted, axis=1).sum(axis=1)
    return found
