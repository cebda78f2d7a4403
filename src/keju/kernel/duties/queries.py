"""Reading obligations: the board of an office, lists with filters, one duty, the timeline of the year."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import Count, Min, Q, QuerySet

from keju.algorithms.workdays import Due
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.duties.models import OPEN, Obligation
from keju.kernel.duties.plan import term
from keju.kernel.duties.settling import specs_of
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Office
from keju.rulebook import DutySpec
from keju.rulebook.words import MONTHS, Words, t

State = Literal["late", "soon", "open", "done", "withdrawn"]
Side = Literal["ours", "theirs", "below"]
SOON = timedelta(days=5)
"""What is due within this time is soon."""
BOARD = 200
CROWDED = 15
"""More open duties than these are shown by what is owed, not one by one."""
PAGE = 50
STATE_WORDS: Mapping[str, Words] = {
    "late": t("已逾期", "Late"),
    "soon": t("即将到期", "Due soon"),
    "open": t("待办", "To do"),
    "done": t("已完成", "Done"),
    "withdrawn": t("已取消", "Withdrawn"),
}


@dataclass(frozen=True)
class Duty:
    """An obligation as people read it. `stage`: where the system sees it done, "" for one done by hand."""

    row: Obligation
    name: Words
    owner: Words
    creditor: Words
    state: State
    stage: str

    @property
    def state_words(self) -> Words:
        return STATE_WORDS[self.state]

    @property
    def is_open(self) -> bool:
        return self.row.discharged_at is None and self.row.withdrawn_at is None

    @property
    def place(self) -> str:
        """The name of the page where the duty is done; "" where it is discharged by hand."""
        return f"{self.stage}-home" if self.stage else ""


@dataclass(frozen=True)
class Counts:
    """`late` and `soon` are among `open`."""

    late: int = 0
    soon: int = 0
    open: int = 0
    done: int = 0


@dataclass(frozen=True)
class Group:
    """The open duties of one kind: how many, how many of them late, and when the next is due."""

    code: str
    rule: str
    name: Words
    open: int
    late: int
    due_at: datetime


@dataclass(frozen=True)
class Board:
    """What is open between an office and the others, by due date, at most `BOARD` a side, and the totals.

    Where very many owe this office something, `groups` sums it up by duty; else there are none.
    """

    owed_by_us: Sequence[Duty]
    owed_to_us: Sequence[Duty]
    ours: Counts
    theirs: Counts
    groups: Sequence[Group] = ()


@dataclass(frozen=True)
class Page:
    """One page of a list; `next` is what `after` is to be for the following one, "" at the end."""

    rows: Sequence[Duty]
    total: int
    next: str
    is_first: bool

    @property
    def shown(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means everything."""

    side: Side = "ours"
    state: str = ""
    rule: str = ""
    office: str = ""
    after: str = field(default="")


@dataclass(frozen=True)
class Moment:
    """A milestone on the timeline, or today; `state`: past, today, next (all that is to come).

    `detail` says whose it is, where regions have their own.
    """

    name: Words
    at: datetime | None
    state: str
    detail: Words | str = ""


def board(*, viewer: Actor, exam: Exam, at: datetime) -> Board:
    """What the viewer's office owes and is owed, as of `at`."""
    ours, theirs = _side(viewer, exam, "ours"), _side(viewer, exam, "theirs")
    totals = _counts(theirs, at)
    crowded = totals.open > CROWDED
    return Board(
        owed_by_us=_duties(exam, _by_due(ours.filter(OPEN))[:BOARD], at),
        owed_to_us=[] if crowded else _duties(exam, _by_due(theirs.filter(OPEN))[:BOARD], at),
        ours=_counts(ours, at),
        theirs=totals,
        groups=_groups(exam, theirs, at) if crowded else (),
    )


def counts(*, viewer: Actor, exam: Exam, at: datetime) -> Counts:
    """How much the viewer's office owes."""
    return _counts(_side(viewer, exam, "ours"), at)


def duties(*, viewer: Actor, exam: Exam, at: datetime, filters: Filters) -> Page:
    """The duties of one side, narrowed, by due date, a page at a time."""
    found = _side(viewer, exam, filters.side)
    if filters.state:
        found = found.filter(_in_state(filters.state, at))
    if filters.rule:
        found = found.filter(Q(rule=filters.rule) | Q(code=filters.rule))
    if filters.office:
        found = found.filter(Q(owner_code=filters.office) | Q(creditor_code=filters.office))
    total = found.count()
    rows = list(_by_due(_after(found, filters.after))[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    mark = f"{rows[-1].due_at.isoformat()}_{rows[-1].pk}" if more else ""
    return Page(_duties(exam, rows, at), total, mark, not filters.after)


def duty(*, viewer: Actor, exam: Exam, obligation: int, at: datetime) -> Duty:
    """One duty; `NotPermitted(hidden=True)` where the viewer sees none."""
    found = Obligation.objects.filter(pk=obligation, exam=exam).first()
    if found is None:
        raise NotPermitted(hidden=True)
    return _duties(exam, [found], at)[0]


def is_provisional(exam: Exam, row: Obligation) -> bool:
    """Whether holidays not yet announced may still move the due date."""
    spec = _specs(exam).get(row.code)
    return spec is not None and row.milestone_at is not None and term(spec).is_provisional(row.milestone_at)


def begins(exam: Exam, row: Obligation) -> datetime | None:
    """The moment that the term is counted from; None for a fixed day of the year, or while it is unknown."""
    spec = _specs(exam).get(row.code)
    return row.milestone_at if spec is not None and isinstance(term(spec), Due) else None


def how_counted(exam: Exam, row: Obligation) -> Words:
    """How the law counts the term, in words: "20 working days after the end of confirmation"."""
    spec = _specs(exam).get(row.code)
    if spec is None:
        return t("本项目现行规则已无此事项", "The programme no longer names this duty")
    due = term(spec)
    if not isinstance(due, Due):
        day = date(2000, due.month, due.day)  # a leap year: no day of a calendar is missing from it
        return Words(f"每年{day.month}月{day.day}日前", f"by {day.day} {MONTHS[day.month - 1]}")
    units = {
        "working_days": t("个工作日", "working days"),
        "days": t("日", "days"),
        "months": t("个月", "months"),
    }
    name = exams.programme(exam).milestone(due.milestone).name
    if due.n == 0:
        return t("{m}当日", "on the day of: {m}").format(m=name)
    words = (
        t("{m}后{n}{u}内", "within {n} {u} after: {m}")
        if due.when == "after"
        else t("{m}前{n}{u}", "{n} {u} before: {m}")
    )
    return words.format(m=name, n=due.n, u=units[due.unit])


def is_done(*, exam: Exam, rule: str, owner: str) -> bool:
    """Whether the office owes nothing more under that clause or duty code, having owed and done it."""
    found = Obligation.objects.filter(Q(rule=rule) | Q(code=rule), exam=exam, owner_code=owner)
    return found.filter(discharged_at__isnull=False).exists() and not found.filter(OPEN).exists()


def due_at(*, exam: Exam, rule: str, owner: str) -> datetime | None:
    """When the office's duty is due; None while its term has not begun."""
    return due_by_owner(exam=exam, rule=rule, owners=[owner]).get(owner)


def due_by_owner(*, exam: Exam, rule: str, owners: Collection[str]) -> dict[str, datetime]:
    """As `due_at`, for many offices in one look; an office whose term has not begun is not there."""
    found = Obligation.objects.filter(
        Q(rule=rule) | Q(code=rule),
        exam=exam,
        owner_code__in=owners,
        withdrawn_at__isnull=True,
        milestone_at__isnull=False,
    )
    return dict(found.order_by().values_list("owner_code").annotate(first=Min("due_at")))


def owed_on(
    *, exam: Exam, rules: Collection[str], creditors: Collection[str], day: date
) -> list[tuple[str, str]]:
    """(owner, creditor) of every daily duty of these clauses that is owed to one of these offices for that day, done or not."""
    found = Obligation.objects.filter(
        exam=exam, rule__in=rules, creditor_code__in=creditors, day=day, withdrawn_at__isnull=True
    )
    return sorted(set(found.order_by().values_list("owner_code", "creditor_code")))


def timeline(*, exam: Exam, at: datetime, office_path: str = "/") -> list[Moment]:
    """The milestones as they hold for the office: those known by date with today among them, the others after.

    Where only regions have one, the nation sees its span: from the first region's opening to the last one's end.
    """
    nation = office_path == "/"
    known = exams.public_calendar(exam) if nation else exams.milestones(exam, office_path)
    whose = _of_regions(exam) if nation else {}
    rows = sorted(exams.programme(exam).milestones, key=lambda m: m.order)
    dated = sorted(
        (
            Moment(m.name, known[m.key], "past" if known[m.key] < at else "next", whose.get(m.key, ""))
            for m in rows
            if m.key in known
        ),
        key=lambda m: (m.at, m.state),
    )
    past = [m for m in dated if m.state == "past"]
    waiting = [Moment(m.name, None, "next") for m in rows if m.key not in known]
    return [*past, Moment(t("今天", "Today"), at, "today"), *dated[len(past) :], *waiting]


def _of_regions(exam: Exam) -> dict[str, Words]:
    """Of each milestone that the nation has none of: how many offices have their own, and from when until when."""
    found: dict[str, dict[datetime, int]] = {}
    national = set(exams.milestones(exam))
    for (key, when), paths in exams.moments(exam).items():
        if key not in national:
            found.setdefault(key, {})[when] = len(paths)
    span = t(
        "{n}个考区各自的日期，{first}至{last}",
        "own dates of {n:region|regions}, {first} to {last}",
    )
    one = t("{n}个考区", "{n:region|regions}")
    return {
        key: (span if len(when) > 1 else one).format(
            n=sum(when.values()),
            first=min(when).astimezone(CHINA).date(),
            last=max(when).astimezone(CHINA).date(),
        )
        for key, when in found.items()
    }


def state_of(row: Obligation, at: datetime) -> State:
    if row.discharged_at is not None:
        return "done"
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.due_at < at:
        return "late"
    return "soon" if row.due_at < at + SOON else "open"


def _side(viewer: Actor, exam: Exam, side: str) -> QuerySet[Obligation]:
    found = Obligation.objects.filter(exam=exam)
    if side == "theirs":
        return found.filter(creditor_code=viewer.office_code)
    if side == "below":
        path = viewer.office_path
        return found.filter(office_path__gte=path, office_path__lt=path + "~").exclude(
            owner_code=viewer.office_code
        )
    return found.filter(owner_code=viewer.office_code)


def _in_state(state: str, at: datetime) -> Q:
    return {
        "late": OPEN & Q(due_at__lt=at),
        "soon": OPEN & Q(due_at__gte=at, due_at__lt=at + SOON),
        "open": OPEN,
        "done": Q(discharged_at__isnull=False),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }.get(state, Q())


def _counts(found: QuerySet[Obligation], at: datetime) -> Counts:
    names = ("late", "soon", "open", "done")
    return Counts(**found.aggregate(**{name: Count("pk", filter=_in_state(name, at)) for name in names}))


def _groups(exam: Exam, found: QuerySet[Obligation], at: datetime) -> list[Group]:
    """By due date of the first of each kind, as lists are."""
    specs = _specs(exam)
    rows = (
        found.filter(OPEN)
        .values("code", "rule")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)), first=Min("due_at"))
        .order_by("first", "code")
    )
    return [Group(r["code"], r["rule"], _name(specs, r["code"]), r["n"], r["late"], r["first"]) for r in rows]


def _by_due(found: QuerySet[Obligation]) -> QuerySet[Obligation]:
    return found.order_by("due_at", "id")


def _after(found: QuerySet[Obligation], mark: str) -> QuerySet[Obligation]:
    stamp, _, pk = mark.partition("_")
    try:
        moment, last = datetime.fromisoformat(stamp), int(pk)
    except ValueError:
        return found
    if moment.tzinfo is None:
        return found
    return found.filter(Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=last))


def _specs(exam: Exam) -> dict[str, DutySpec]:
    return {spec.code: spec for spec in specs_of(exam)}


def _name(specs: Mapping[str, DutySpec], code: str) -> Words:
    return specs[code].name if code in specs else t(code, code)


def _duties(exam: Exam, rows: Sequence[Obligation] | QuerySet[Obligation], at: datetime) -> list[Duty]:
    listed = list(rows)
    specs = _specs(exam)
    codes = {r.owner_code for r in listed} | {r.creditor_code for r in listed}
    offices = {o.code: o.name for o in Office.objects.filter(code__in=codes)}
    return [
        Duty(
            row=r,
            name=_name(specs, r.code),
            owner=offices[r.owner_code],
            creditor=offices[r.creditor_code],
            state=state_of(r, at),
            stage="" if r.manual or r.code not in specs else specs[r.code].discharge.partition(".")[0],
        )
        for r in listed
    ]
