"""P7.2: papers and cards are under video or persons' eyes at every moment; what is not covered is listed. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from keju.algorithms.rosters import Span, merged, uncovered
from keju.rulebook import Refusal, rule
from keju.stages.custody.rules.stores import Hours

VIDEO, PERSONS = "video", "persons"
MEANS = (VIDEO, PERSONS)
SCORING = "scoring"
"""The place where cards are read: the chain calls it the centre."""
LONGEST = timedelta(days=92)


def span(hours: Hours) -> Span:
    """Whole minutes since 1970 in UTC, outwards: a begun minute is a minute."""
    return Span(_minute(hours[0]), -(-int(hours[1].astimezone(UTC).timestamp()) // 60))


def hours(minutes: Span) -> Hours:
    return datetime.fromtimestamp(minutes.starts * 60, UTC), datetime.fromtimestamp(minutes.ends * 60, UTC)


def _minute(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) // 60


@rule("P7.2", "V12.2.4")
def unwatched(wanted: Sequence[Hours], covered: Sequence[Hours]) -> list[Hours]:
    """The stretches of `wanted` at which nobody and nothing watches, in order, to the minute."""
    needed = merged(span(one) for one in wanted if one[0] < one[1])
    return [
        hours(lack.span) for lack in uncovered(needed, [span(one) for one in covered if one[0] < one[1]], 1)
    ]


def joined(found: Sequence[Hours]) -> list[Hours]:
    """The same time in as few stretches as possible, in order."""
    return [hours(one) for one in merged(span(h) for h in found if h[0] < h[1])]


@rule("P7.2")
def check_span(clause: str, means: str, what: str, starts: datetime, ends: datetime) -> Iterator[Refusal]:
    """A stretch of watching says which camera or who, and lasts, no longer than a season."""
    if means not in MEANS:
        raise ValueError(means)
    if not what.strip():
        yield Refusal(clause, "watch_what", field="what")
    if not timedelta() < ends - starts <= LONGEST:
        yield Refusal(clause, "watch_hours", field="ends_at")


@rule("P7.2")
def check_review(
    clause: str, of: Hours, means: str, from_at: datetime, to_at: datetime, at: datetime, seen: str
) -> Iterator[Refusal]:
    """A review is of a video, of a stretch that lies in it and is over, and says what was seen."""
    if means != VIDEO:
        yield Refusal(clause, "watch_review_video")
    if not (of[0] <= from_at < to_at <= of[1] and to_at <= at):
        yield Refusal(clause, "watch_review_hours", field="to_at")
    if not seen.strip():
        yield Refusal(clause, "watch_review_seen", field="seen")
