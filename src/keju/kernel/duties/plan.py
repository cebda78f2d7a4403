"""What is owed, from the duties of the law, the offices taking part and the milestones known. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from keju.algorithms.workdays import CHINA, Due, Fixed
from keju.rulebook import DutySpec, FixedDay

FIXED_FROM = "exam_day"
"""A day of the calendar is owed in the year of this milestone, once it is known."""

Calendar = Mapping[str, Mapping[str, datetime]]
"""Office path → milestone key → moment."""


@dataclass(frozen=True, slots=True)
class Party:
    """An office that takes part: its code, kind and path."""

    code: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Owed:
    """One obligation. `office_path` is the lower path of owner and creditor; `due_at` in Chinese time."""

    code: str
    rule: str
    owner_code: str
    owner_path: str
    creditor_code: str
    office_path: str
    day: date | None
    milestone: str
    milestone_at: datetime
    due_at: datetime
    manual: bool


def counts_from(spec: DutySpec) -> str:
    """The milestone that the duty's term begins with."""
    return FIXED_FROM if isinstance(spec.due, FixedDay) else spec.due.milestone


def touched_by(spec: DutySpec, key: str) -> bool:
    """Whether that milestone begins the duty or ends its daily repetition."""
    return not spec.by_case and key in (counts_from(spec), spec.daily_until)


def pairs(spec: DutySpec, parties: Sequence[Party]) -> Iterator[tuple[Party, Party]]:
    """Owner and creditor of the duty: two offices of these kinds on one line of the tree."""
    creditors = [p for p in parties if p.kind == spec.creditor]
    for owner in (p for p in parties if p.kind == spec.owner):
        for creditor in creditors:
            if creditor.code != owner.code and lower(owner.path, creditor.path) is not None:
                yield owner, creditor


def lower(one: str, other: str) -> str | None:
    """The deeper of two paths on one line of the tree; None if they are on different branches."""
    if one.startswith(other):
        return one
    return other if other.startswith(one) else None


def owed(
    specs: Iterable[DutySpec],
    parties: Sequence[Party],
    calendar: Calendar,
    today: date,
    office_path: str = "/",
) -> Iterator[Owed]:
    """Every obligation whose lower office lies in the subtree and whose milestone is known there.

    A daily duty is owed on each day up to its end milestone; while that is unknown, up to `today`, or once.
    """
    for spec in (s for s in specs if not s.by_case):
        key = counts_from(spec)
        for owner, creditor in pairs(spec, parties):
            path = lower(owner.path, creditor.path) or ""
            begins = milestone(calendar, key, path)
            if not path.startswith(office_path) or begins is None:
                continue
            for day, due_at in _terms(spec, begins, calendar, path, today):
                yield Owed(
                    code=spec.code,
                    rule=spec.rule,
                    owner_code=owner.code,
                    owner_path=owner.path,
                    creditor_code=creditor.code,
                    office_path=path,
                    day=day,
                    milestone=key,
                    milestone_at=begins,
                    due_at=due_at,
                    manual=spec.discharge == "manual",
                )


def milestone(calendar: Calendar, key: str, path: str) -> datetime | None:
    """The milestone as it holds for the office: the nearest calendar from the office upwards."""
    while True:
        moment = calendar.get(path, {}).get(key)
        if moment is not None or path == "/":
            return moment
        path = path[: path.rstrip("/").rfind("/") + 1]


def term(spec: DutySpec) -> Due | Fixed:
    """The duty's term as something that counts days."""
    due = spec.due
    if isinstance(due, FixedDay):
        return Fixed(due.month, due.day, FIXED_FROM)
    return Due(due.n, due.unit, due.when, due.milestone, due.at)


def _terms(
    spec: DutySpec, begins: datetime, calendar: Calendar, path: str, today: date
) -> Iterator[tuple[date | None, datetime]]:
    first = term(spec).on(begins)
    if spec.daily_until is None:
        yield None, first
        return
    ends = milestone(calendar, spec.daily_until, path)
    last = max(first.date(), today) if ends is None else ends.astimezone(CHINA).date()
    for n in range((last - first.date()).days + 1):
        yield first.date() + timedelta(days=n), first + timedelta(days=n)
