"""The arithmetic of spans against an oracle that looks at every single minute."""

import re
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.rosters import Lack, Span, clashes, cut, merged, overlong, stretches, uncovered

MINUTES = range(121)
spans = st.lists(
    st.tuples(st.integers(0, 119), st.integers(1, 60)).map(lambda p: Span(p[0], min(120, p[0] + p[1]))),
    max_size=8,
)


def minutes(found: list[Span]) -> Counter[int]:
    return Counter(minute for span in found for minute in range(span.starts, span.ends))


@given(spans, spans, st.integers(1, 3))
def test_uncovered_is_what_every_minute_says(needed: list[Span], shifts: list[Span], least: int) -> None:
    wanted, there = minutes(needed), minutes(shifts)
    expected = {m: least - there[m] for m in MINUTES if wanted[m] and there[m] < least}
    found = uncovered(needed, shifts, least)
    assert {m: lack.short for lack in found for m in range(lack.span.starts, lack.span.ends)} == expected
    assert sum(lack.span.minutes for lack in found) == len(expected)
    assert found == sorted(found)
    assert not any(a.span.ends == b.span.starts and a.short == b.short for a, b in pairwise(found))


@given(spans)
def test_merged_has_the_same_minutes_in_fewest_spans(some: list[Span]) -> None:
    found = merged(some)
    assert set(minutes(found)) == set(minutes(some))
    assert all(a.ends < b.starts for a, b in pairwise(found))


@given(spans)
def test_clashes_are_the_pairs_that_share_a_minute(some: list[Span]) -> None:
    expected = [(i, j) for j in range(len(some)) for i in range(j) if minutes([some[i]]) & minutes([some[j]])]
    assert clashes(some) == sorted(expected)


@given(spans, st.integers(0, 40), st.integers(1, 80))
def test_stretches_are_runs_of_work_with_the_breaks_too_short_to_rest(
    some: list[Span], rest: int, longest: int
) -> None:
    work = minutes(some)
    text = "".join("x" if work[m] else "." for m in MINUTES).strip(".")
    text = re.sub(r"\.+", lambda idle: "x" * len(idle[0]) if len(idle[0]) < rest else idle[0], text)
    runs = [len(run) for run in text.split(".") if run]
    assert [s.minutes for s in stretches(some, rest)] == runs
    assert [s.minutes for s in overlong(some, longest, rest)] == [run for run in runs if run > longest]


@given(st.integers(1, 4000), st.integers(30, 720), st.sampled_from([10, 15, 30]))
def test_pieces_cover_the_span_and_none_is_too_long(size: int, length: int, grain: int) -> None:
    span = Span(17, 17 + size)
    pieces = cut(span, length, grain)
    assert not uncovered([span], pieces) and sum(p.minutes for p in pieces) == size
    assert all(p.minutes <= length for p in pieces)
    assert max(p.minutes for p in pieces) - min(p.minutes for p in pieces) < 2 * grain


def test_a_gap_of_one_minute_is_seen() -> None:
    assert uncovered([Span(0, 1800)], [Span(0, 600), Span(601, 1800)]) == [Lack(Span(600, 601), 1)]


def test_a_span_lasts() -> None:
    with pytest.raises(ValueError, match="ends after"):
        Span(5, 5)
    with pytest.raises(ValueError, match="grain"):
        cut(Span(0, 60), 10, 30)
