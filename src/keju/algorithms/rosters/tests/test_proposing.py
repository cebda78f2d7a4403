"""Proposals against trying everything, and what must hold of each of them."""

from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keju.algorithms.rosters import Span, Terms, Worker, clashes, cut, overlong, propose
from keju.algorithms.rosters.proposing import hindrance

SEED = b"a seed of sixteen bytes or more"
TERMS = Terms(rest=8 * 60, longest=12 * 60)
hours = st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda p: Span(p[0] * 60, (p[0] + p[1]) * 60))
workers = st.lists(st.lists(hours, max_size=1), min_size=1, max_size=3).map(
    lambda all_: [Worker(f"w{n}", tuple(busy)) for n, busy in enumerate(all_)]
)


def sound(work: list[Span]) -> bool:
    return not (clashes(work) or overlong(work, TERMS.longest, TERMS.rest))


def best(slots: list[Span], people: list[Worker]) -> tuple[int, int]:
    """(minutes open, difference of hours) of the best of all proposals, by trying each."""
    found = []
    for choice in product(range(-1, len(people)), repeat=len(slots)):
        work = [list(w.busy) for w in people]
        for slot, w in zip(slots, choice, strict=True):
            if w >= 0:
                work[w].append(slot)
        if all(sound(mine) for mine in work):
            loads = [sum(span.minutes for span in mine) for mine in work]
            left = sum(slot.minutes for slot, w in zip(slots, choice, strict=True) if w < 0)
            found.append((left, max(loads) - min(loads)))
    return min(found)


@settings(max_examples=60)
@given(st.lists(hours, min_size=1, max_size=4), workers)
def test_nothing_is_better_than_a_proven_proposal(slots: list[Span], people: list[Worker]) -> None:
    made = propose(slots, people, TERMS, SEED)
    left = sum(slot.minutes for slot, who in zip(slots, made.given, strict=True) if who is None)
    assert made.proven
    assert (left, made.difference) == best(slots, people)


@settings(max_examples=40)
@given(st.lists(hours, max_size=14), st.integers(0, 6), st.randoms(use_true_random=False))
def test_what_is_given_can_be_worked(slots: list[Span], count: int, chance: object) -> None:
    people = [Worker(f"w{n}") for n in range(count)]
    made = propose(slots, people, TERMS, SEED)
    for worker in people:
        mine = [s for s, who in zip(slots, made.given, strict=True) if who == worker.key]
        assert sound(mine) and made.minutes[worker.key] == sum(s.minutes for s in mine)
    for hole in made.holes:
        assert made.given[hole.slot] is None and sum(hole.why.values()) == count
    chance.shuffle(people)  # type: ignore[attr-defined]
    assert propose(slots, people, TERMS, SEED) == made


@given(st.lists(hours, max_size=4), hours)
def test_a_hindrance_is_a_fault_that_the_new_shift_brings(old: list[Span], new: Span) -> None:
    if sound(old):
        assert (hindrance(old, new, TERMS) is None) == sound([*old, new])


def test_the_night_before_and_the_day_are_shared_alike() -> None:
    slots = cut(Span(15 * 60, 45 * 60), 10 * 60)
    made = propose(slots, [Worker(k) for k in "abcdef"], TERMS, SEED)
    assert None not in made.given and len(set(made.given)) == 3 and made.proven
    assert [s.minutes for s in slots] == [600, 600, 600]
    assert all(a.ends == b.starts for a, b in pairwise(slots))
    other = propose(slots, [Worker(k) for k in "abcdef"], TERMS, b"another seed of sixteen")
    assert other.given != made.given


def test_a_hole_says_why() -> None:
    slots = [Span(0, 600), Span(600, 1200), Span(900, 1500)]
    made = propose(slots, [Worker("a"), Worker("b")], TERMS, SEED)
    (hole,) = made.holes
    assert sum(hole.why.values()) == 2 and set(hole.why) <= {"busy", "rest", "long"}
    assert propose(slots, [], TERMS, SEED).given == (None, None, None)


def test_a_roster_of_half_a_year_is_proposed_without_proof() -> None:
    slots = [Span(480 * n, 480 * n + 300 + 60 * (n % 3)) for n in range(501)]
    made = propose(slots, [Worker(k) for k in "abcd"], TERMS, SEED)
    assert None not in made.given and not made.proven and made.difference <= 120


def test_nobody_is_listed_twice() -> None:
    with pytest.raises(ValueError, match="same key"):
        propose([], [Worker("a"), Worker("a")], TERMS, SEED)
