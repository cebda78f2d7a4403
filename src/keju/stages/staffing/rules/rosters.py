"""V15.1.4, V12.2.4, V2.5: the hours that a roster covers, who may stand on it, and when it may be published or filed. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from keju.algorithms.rosters import Lack, Span, clashes, merged, overlong, uncovered
from keju.algorithms.workdays import CHINA
from keju.rulebook import Refusal, rule
from keju.rulebook.rosters import RosterKind, RosterSpan
from keju.stages.staffing.params import Params

Hours = tuple[datetime, datetime]
"""From–until, half-open."""
NOT_HERE, BLOCKED, UNTRAINED, KEYS, CASUAL = "not_here", "blocked", "untrained", "keys", "casual"
"""Why somebody may not stand on a roster: no appointment in force, an open hit, untrained, keeps keys, not permanent."""
CLAUSES = {BLOCKED: "V2.9", UNTRAINED: "V4.3", KEYS: "V12.2.4"}
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Standing:
    """A shift as the rules see it. `place` is a floor where each floor is covered by itself; `phone`: somebody answers one."""

    member: int
    name: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    phone: bool = True

    @property
    def span(self) -> Span:
        return span_of((self.starts_at, self.ends_at))


@dataclass(frozen=True)
class Gap:
    """During these hours `short` people are missing (at the place, where each is covered by itself)."""

    place: str
    starts_at: datetime
    ends_at: datetime
    short: int

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // MINUTE


def minute_of(at: datetime) -> int:
    """Whole minutes since 1970, in UTC: what spans count in."""
    return int(at.astimezone(UTC).timestamp()) // 60


def moment_of(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def span_of(hours: Hours) -> Span:
    return Span(minute_of(hours[0]), minute_of(hours[1]))


def hours_of(span: Span) -> Hours:
    return moment_of(span.starts), moment_of(span.ends)


@rule("V15.1.4", "V12.2.4")
def needed(
    span: RosterSpan,
    *,
    exam_days: Collection[date] = (),
    sessions: Collection[Hours] = (),
    begins: time | None = None,
    ends: time | None = None,
    own: Hours | None = None,
) -> list[Span]:
    """The hours to cover, in as few spans as possible; none where they are not known yet.

    `begins`, `ends`: the times of day of the law, China time; `own`: what the office set, or its milestones gave.
    """
    if span.of == "sessions":
        before, after = timedelta(minutes=span.before_minutes), timedelta(minutes=span.after_minutes)
        return merged(span_of((a - before, b + after)) for a, b in sessions)
    if span.of == "milestones":
        return [span_of(own)] if own else []
    if begins is None or ends is None:
        return []
    eve = timedelta(days=span.days_before)
    return merged(
        span_of((datetime.combine(day - eve, begins, CHINA), datetime.combine(day, ends, CHINA)))
        for day in exam_days
    )


@rule("V12.2.4")
def check_hours(kind: RosterKind, starts_at: datetime, ends_at: datetime) -> Iterator[Refusal]:
    """An office sets hours of its own only where the programme does not say them; they last, and no longer than half a year."""
    if kind.span.of != "milestones":
        yield Refusal(kind.rule, "staffing_roster_hours_given", {"kind": kind.name}, field="starts_at")
    elif not timedelta() < ends_at - starts_at <= timedelta(days=183):
        yield Refusal(kind.rule, "staffing_roster_hours_wrong", field="ends_at")


@rule("V15.1.4", "V12.2.4", "V2.5")
def gaps(
    kind: RosterKind, wanted: Sequence[Span], shifts: Collection[Standing], floors: Sequence[str] = ()
) -> list[Gap]:
    """Every minute of the hours to cover at which somebody is missing; where each floor counts, floor by floor."""
    found: list[Gap] = []
    for place in floors if kind.by_floor else ("",):
        mine = [s.span for s in shifts if not kind.by_floor or s.place == place]
        found += [_gap(place, lack) for lack in uncovered(wanted, mine, kind.least)]
    return found


def _gap(place: str, lack: Lack) -> Gap:
    return Gap(place, *hours_of(lack.span), lack.short)


@rule("V15.1.4", "V12.2.4", "V2.5", "V2.8", "V2.9", "V4.3")
def check_standing(
    kind: RosterKind, shifts: Sequence[Standing], unfit: Mapping[int, str], floors: Sequence[str] = ()
) -> Iterator[Refusal]:
    """Who stands on the roster is appointed there, in force, trained and keeps no keys of the store. `unfit`: member → why not.

    A shift lasts whole minutes, and is of a floor in use where each floor is covered.
    """
    for shift in shifts:
        facts = {"name": shift.name, "from": shift.starts_at, "until": shift.ends_at}
        if shift.ends_at <= shift.starts_at:
            yield Refusal(kind.rule, "staffing_shift_backwards", facts, field="ends_at")
        if shift.member in unfit:
            why = unfit[shift.member]
            yield Refusal(CLAUSES.get(why, kind.rule), f"staffing_shift_{why}", facts, field="member")
        if kind.by_floor and shift.place not in floors:
            facts = {**facts, "place": shift.place or "—", "floors": list(floors)}
            yield Refusal(kind.rule, "staffing_shift_floor", facts, field="place")


@rule("V15.1.4")
def check_person(
    of: str, name: str, spans: Sequence[Span], new: Collection[int], params: Params
) -> Iterator[Refusal]:
    """Nobody is at two places, or works on without rest: a break too short to rest does not end a stretch.

    `new`: places of what is added to `spans`. What stood before and has no part in it is not held against the new shift.
    `of`: the clause of the roster.
    """
    for i, j in clashes(spans):
        if i in new or j in new:
            yield Refusal(of, "staffing_shift_twice", _said(name, spans[i], spans[j]), field="member")
    if any(i in new or j in new for i, j in clashes(spans)):
        return
    added = [spans[n] for n in sorted(new)]
    longest, rest = params.longest_shift_hours, params.rest_hours
    straight = set(overlong(spans, longest * 60, 0))
    for span in overlong(spans, longest * 60, rest * 60):
        if any(span.overlaps(mine) for mine in added):
            code = "staffing_shift_long" if span in straight else "staffing_shift_rest"
            yield Refusal(
                of, code, {"name": name, **_ends(span), "hours": longest, "rest": rest}, field="starts_at"
            )


def _ends(span: Span) -> dict[str, object]:
    return {"from": moment_of(span.starts), "until": moment_of(span.ends)}


def _said(name: str, a: Span, b: Span) -> dict[str, object]:
    return {
        "name": name, "from": moment_of(a.starts), "until": moment_of(a.ends),
        "from2": moment_of(b.starts), "until2": moment_of(b.ends),
    }  # fmt: skip


@rule("V15.1.4", "V12.2.4", "V2.5")
def check_publish(
    kind: RosterKind,
    *,
    enforced: bool,
    known: bool,
    found: Sequence[Gap],
    shifts: Collection[Standing],
    changed: bool,
    again: bool,
    reason: str,
) -> Iterator[Refusal]:
    """A roster is published when its hours are known, nobody is unreachable, and (where the clause is enforced) no gap is left.

    A further version changes something and says why.
    """
    if not known:
        yield Refusal(kind.rule, "staffing_roster_hours")
        return
    if not shifts:
        yield Refusal(kind.rule, "staffing_roster_empty")
        return
    for gap in found if enforced else ():
        facts = {"from": gap.starts_at, "until": gap.ends_at, "short": gap.short, "place": gap.place}
        yield Refusal(kind.rule, "staffing_roster_gap_floor" if gap.place else "staffing_roster_gap", facts)
    for name in sorted({shift.name for shift in shifts if not shift.phone}):
        yield Refusal(kind.rule, "staffing_roster_phone", {"name": name})
    if again and not changed:
        yield Refusal(kind.rule, "staffing_roster_same")
    elif again and not reason.strip():
        yield Refusal(kind.rule, "staffing_roster_reason", field="reason")


@rule("V15.1.1", "V15.1.4")
def check_filing(
    of: str,
    *,
    leaders: Collection[tuple[str, bool]],
    published: bool,
    found: Sequence[Gap],
    duty: int,
    stale: bool,
) -> Iterator[Refusal]:
    """What is filed names responsible persons (V15.1.1) and who is on duty at every hour, each with a telephone.

    `leaders`: (name, has a telephone); `duty`: shifts of the published roster; `stale`: the roster changed since.
    """
    if of == "V15.1.1":
        if not leaders:
            yield Refusal(of, "staffing_filing_leaders")
        for name, phone in leaders:
            if not phone:
                yield Refusal(of, "staffing_filing_phone", {"name": name})
    if not published or not duty:
        yield Refusal(of, "staffing_filing_roster")
    elif stale:
        yield Refusal(of, "staffing_filing_stale")
    for gap in found if published else ():
        yield Refusal(
            of, "staffing_roster_gap", {"from": gap.starts_at, "until": gap.ends_at, "short": gap.short}
        )
