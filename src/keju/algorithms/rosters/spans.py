"""Spans of time in whole minutes: what is covered, what is not, who is at two places, who had no rest.

A span is half-open: [480, 960) ends as [960, 1440) begins, and the two touch without overlapping. Minutes count from
any origin that the caller likes; everything here is exact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """From `starts` until, and without, `ends`, in minutes. ValueError unless it lasts at least one."""

    starts: int
    ends: int

    def __post_init__(self) -> None:
        if self.ends <= self.starts:
            raise ValueError("a span ends after it starts")

    @property
    def minutes(self) -> int:
        return self.ends - self.starts

    def overlaps(self, other: "Span") -> bool:
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True, order=True)
class Lack:
    """During the span `short` people fewer are there than there must be."""

    span: Span
    short: int


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same minutes in as few spans as possible, in order: what touches or overlaps becomes one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.starts <= found[-1].ends:
            found[-1] = Span(found[-1].starts, max(found[-1].ends, span.ends))
        else:
            found.append(span)
    return found


def uncovered(needed: Iterable[Span], shifts: Iterable[Span], least: int = 1) -> list[Lack]:
    """Every minute of `needed` at which fewer than `least` of the shifts run, in as few spans as possible, in order.

    O(n log n) in the number of spans.
    """
    changes: dict[int, list[int]] = {}
    for wanted, spans in ((1, merged(needed)), (0, shifts)):
        for span in spans:
            changes.setdefault(span.starts, [0, 0])[wanted] += 1
            changes.setdefault(span.ends, [0, 0])[wanted] -= 1
    found: list[Lack] = []
    there = wanted = 0
    last = 0
    for minute in sorted(changes):
        if wanted and there < least:
            _append(found, Lack(Span(last, minute), least - there))
        there += changes[minute][0]
        wanted += changes[minute][1]
        last = minute
    return found


def _append(found: list[Lack], lack: Lack) -> None:
    """Adds it, joined to the last one where that touches and lacks as many."""
    if found and found[-1].span.ends == lack.span.starts and found[-1].short == lack.short:
        found[-1] = Lack(Span(found[-1].span.starts, lack.span.ends), lack.short)
    else:
        found.append(lack)


def clashes(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Places (i, j), i < j, of every two spans that overlap, in order."""
    order = sorted(range(len(spans)), key=lambda n: spans[n])
    running: list[int] = []
    found: list[tuple[int, int]] = []
    for n in order:
        running = [m for m in running if spans[m].ends > spans[n].starts]
        found += [(min(m, n), max(m, n)) for m in running]
        running.append(n)
    return sorted(found)


def stretches(spans: Iterable[Span], rest: int) -> list[Span]:
    """Stretches of work, in order: shifts with fewer than `rest` minutes between them are one, the break within it.

    Cutting a shift in two, or going out for an hour, makes nobody's day shorter.
    """
    found: list[Span] = []
    for span in merged(spans):
        if found and span.starts - found[-1].ends < rest:
            found[-1] = Span(found[-1].starts, span.ends)
        else:
            found.append(span)
    return found


def overlong(spans: Iterable[Span], longest: int, rest: int) -> list[Span]:
    """Stretches of work, breaks included, of more than `longest` minutes: who works on needs `rest` minutes first."""
    return [span for span in stretches(spans, rest) if span.minutes > longest]


def cut(span: Span, length: int, grain: int = 30) -> list[Span]:
    """The span in pieces of about the same length, none above `length` where the grain allows; in order, without a gap.

    Pieces begin at a multiple of `grain` minutes after the span's beginning.
    """
    if length < grain:
        raise ValueError("a piece is at least a grain long")
    grains = -(-span.minutes // grain)
    pieces = -(-grains // (length // grain))
    marks = [span.starts + grain * (n * grains // pieces) for n in range(pieces)]
    return [Span(a, b) for a, b in zip(marks, [*marks[1:], span.ends], strict=True)]
