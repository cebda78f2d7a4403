"""Open bags that nobody watched: spans of time less the spans that are covered. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.rulebook import rule


@dataclass(frozen=True, order=True)
class Span:
    """From `since` up to, not including, `until`."""

    since: datetime
    until: datetime


@rule("V12.2.0")
def uncovered(open_: Span, covers: Iterable[Span]) -> Iterator[Span]:
    """What of the open span no cover covers, in order. Covers may overlap and come in any order."""
    reached = open_.since
    for cover in sorted(covers):
        if cover.until <= reached:
            continue
        if cover.since >= open_.until:
            break
        if cover.since > reached:
            yield Span(reached, cover.since)
        reached = cover.until
    if reached < open_.until:
        yield Span(reached, open_.until)


def merged(spans: Sequence[Span]) -> list[Span]:
    """The same time in as few spans as possible, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.since <= found[-1].until:
            found[-1] = Span(found[-1].since, max(found[-1].until, span.until))
        elif span.since < span.until:
            found.append(span)
    return found
