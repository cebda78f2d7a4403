"""Making rosters: opened, filled by hand, by sheet or by proposal. One roster is a batch of one; there is one way to change."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.staffing import events
from keju.stages.staffing.models import Member, Roster, Shift
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.rosters import Made
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.rules.rosters import Standing
from keju.stages.staffing.services.refused import on_record

COLUMNS = (
    "roster_id", "exam_id", "office_path", "uid", "member_id", "starts_at", "ends_at", "place", "phone",
)  # fmt: skip


@dataclass(frozen=True)
class NewShift:
    """A shift to be: somebody stands from–until. `uid` of the shift that it changes; none for a new one."""

    member_id: int
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    phone: str = ""
    uid: UUID | None = None


@dataclass(frozen=True)
class Change:
    """What becomes of one roster: shifts put (new, or changed by their uid) and struck out; `afresh`: all others go too.

    `expected`: the roster's version that the page showed, None for whatever it is.
    """

    roster_id: int
    put: Sequence[NewShift] = ()
    strike: Collection[UUID] = ()
    afresh: bool = False
    expected: int | None = None


@dataclass
class _Plan:
    """A change worked out: shifts as they stand, as they will, and of those the new ones."""

    made: Made
    kept: list[Shift] = field(default_factory=list)
    gone: list[Shift] = field(default_factory=list)
    new: list[NewShift] = field(default_factory=list)


@write("staffing:roster:make")
def open_rosters(
    *, exam: Exam, kind: str, office_codes: Sequence[str], by: Actor, at: datetime
) -> list[Roster]:
    """Each of the offices has a roster of the kind; those that had one keep it. All of them, in the order of the codes.

    NotPermitted for an office that is not the actor's, or keeps no such roster.
    """
    what = queries.kind_of(exam, kind)
    for code in office_codes:
        if str(office(code).kind) not in what.at or not path_of(code).startswith(by.office_path or "-"):
            raise NotPermitted("staffing:roster:make", hidden=True)
    before = set(
        Roster.objects.filter(exam=exam, kind=kind, office_code__in=office_codes).values_list(
            "office_code", flat=True
        )
    )
    Roster.objects.bulk_create(
        [
            Roster(exam=exam, kind=kind, office_path=path_of(c), office_code=c, made_by=by.ref, made_at=at)
            for c in dict.fromkeys(office_codes)
        ],
        ignore_conflicts=True,
    )
    rows = list(
        Roster.objects.filter(exam=exam, kind=kind, office_code__in=office_codes).order_by("office_code")
    )
    opened = [row for row in rows if row.office_code not in before]
    entered(events.ROSTERS_OPENED, exam, opened, what.rule, {"kind": kind, "opened": len(opened)}, by, at)
    return rows


@write("staffing:roster:make")
def set_hours(
    *,
    exam: Exam,
    roster_id: int,
    starts_at: datetime,
    ends_at: datetime,
    expected: int,
    by: Actor,
    at: datetime,
) -> Roster:
    """The office covers these hours: where the programme counts from milestones that are not known, or others hold here."""
    (one,) = held(exam, {roster_id: expected}, by)
    kind = queries.kind_of(exam, one.kind)
    enforce(rules.check_hours(kind, starts_at, ends_at))
    one.starts_at, one.ends_at, one.version = starts_at, ends_at, one.version + 1
    one.save(update_fields=["starts_at", "ends_at", "version"])
    entered(events.ROSTER_HOURS_SET, exam, [one], kind.rule, {"from": starts_at, "until": ends_at}, by, at)
    return one


@on_record
@write("staffing:roster:make")
def change_rosters(*, exam: Exam, changes: Sequence[Change], by: Actor, at: datetime) -> int:
    """Every roster named is as its change says, or nothing is changed. Returns how many shifts were put.

    Refused: somebody whose appointment there is not in force, who is untrained or keeps keys; who would be at two places,
    without rest, or too long on duty, counted over all rosters wherever they are. `Stale` if somebody moved first.
    """
    plans = _plans(exam, changes, by)
    _hold_members({n.member_id for plan in plans for n in plan.new})
    refused = check_each(exam, [(plan.made, plan.kept, plan.new) for plan in plans])
    enforce(r for found in refused for r in found)
    gone = [row.pk for plan in plans for row in plan.gone]
    try:
        with transaction.atomic():
            Shift.objects.filter(pk__in=gone).delete()
            insert_rows(
                "staffing_shift", COLUMNS, (_cells(plan.made.roster, n) for plan in plans for n in plan.new)
            )
    except IntegrityError as clash:  # somebody was put elsewhere by hands that did not wait
        raise RuleRefused([Refusal("V15.1.4", "staffing_shift_raced")]) from clash
    rows = [plan.made.roster for plan in plans]
    for row in rows:
        row.version += 1
    Roster.objects.bulk_update(rows, ["version"], batch_size=1000)
    put = sum(len(plan.new) for plan in plans)
    rule_ids = {plan.made.kind.rule for plan in plans}
    entered(events.SHIFTS_CHANGED, exam, rows, rule_ids, {"put": put, "struck": len(gone)}, by, at)
    return put


def check_each(
    exam: Exam, changed: Sequence[tuple[Made, Sequence[Shift], Sequence[NewShift]]]
) -> list[list[Refusal]]:
    """What stands against each new shift, in their order through all rosters: (roster, shifts that stay, new ones)."""
    params = exams.params(exam, Params)
    people = queries.eligible(exam, [made.roster for made, _, _ in changed])
    members = {n.member_id for _, _, new in changed for n in new}
    spans = queries.elsewhere(exam, members, [made.roster.pk for made, _, _ in changed])
    places: dict[int, dict[int, int]] = defaultdict(dict)
    flat: list[tuple[Made, NewShift]] = []
    for made, kept, new in changed:
        for row in kept:
            if row.member_id in members:
                spans.setdefault(row.member_id, []).append(rules.span_of((row.starts_at, row.ends_at)))
        flat += [(made, n) for n in new]
    for n, (_, shift) in enumerate(flat):
        if shift.ends_at > shift.starts_at:
            mine = spans.setdefault(shift.member_id, [])
            places[shift.member_id][n] = len(mine)
            mine.append(rules.span_of((shift.starts_at, shift.ends_at)))
    names = {p.member_id: p.name for found in people.values() for p in found}
    names |= {pk: m.person.name for pk, m in queries.members_named(members - set(names)).items()}
    found = []
    for n, (made, shift) in enumerate(flat):
        name = names.get(shift.member_id, "—")
        unfit = queries.unfit_reason(people[made.roster.pk], [shift.member_id])
        standing = Standing(shift.member_id, name, shift.starts_at, shift.ends_at, shift.place)
        mine = list(rules.check_standing(made.kind, [standing], unfit, made.floors))
        place = places[shift.member_id].get(n)
        if place is not None:
            mine += rules.check_person(made.kind.rule, name, spans[shift.member_id], [place], params)
        found.append(mine)
    return found


def _plans(exam: Exam, changes: Sequence[Change], by: Actor) -> list[_Plan]:
    rows = held(exam, {change.roster_id: change.expected for change in changes}, by)
    found = {made.roster.pk: made for made in queries.made(exam, rows)}
    plans = []
    for change in changes:
        plan = _Plan(found[change.roster_id])
        known = {line.row.uid: line.row for line in plan.made.lines}
        named = {n.uid for n in change.put if n.uid} | set(change.strike)
        if not named <= set(known):
            raise Stale
        for uid, row in known.items():
            (plan.gone if change.afresh or uid in named else plan.kept).append(row)
        plan.new = [_identified(n, known) for n in change.put]
        plans.append(plan)
    return plans


def _identified(n: NewShift, known: Mapping[UUID, Shift]) -> NewShift:
    """The shift with its uid: the old one while the same person stands there. Another person's calendar gets a new entry."""
    stays = n.uid is not None and known[n.uid].member_id == n.member_id
    return n if stays else replace(n, uid=uuid4())


def held(exam: Exam, expected: Mapping[int, int | None], by: Actor) -> list[Roster]:
    """The rosters, locked, in the actor's scope and of the version that the page showed."""
    rows = list(
        Roster.objects.select_for_update(of=("self",))
        .filter(exam=exam, pk__in=list(expected), office_path__startswith=by.office_path or "-")
        .order_by("pk")
    )
    if len(rows) < len(expected):
        raise NotPermitted("staffing:roster:make", hidden=True)
    if any(expected[row.pk] not in (None, row.version) for row in rows):
        raise Stale
    return rows


def _hold_members(members: Collection[int]) -> None:
    """Of two who put the same person on rosters, one waits: rest is counted over both."""
    with acting(queries.NATION):
        list(
            Member.objects.select_for_update(of=("self",))
            .filter(pk__in=members)
            .order_by("pk")
            .values_list("pk")
        )


def _cells(roster: Roster, n: NewShift) -> tuple[object, ...]:
    return (
        roster.pk, roster.exam_id, roster.office_path, n.uid, n.member_id, n.starts_at, n.ends_at, n.place.strip(),
        seal(n.phone.strip()),
    )  # fmt: skip


def entered(
    kind: str,
    exam: Exam,
    rows: Sequence[Roster],
    rule_ids: str | Collection[str],
    data: Mapping[str, object],
    by: Actor,
    at: datetime,
) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"roster:{rows[0].pk}" if len(rows) == 1 else "rosters",
        exam=exam.slug,
        office_path=rows[0].office_path if len(rows) == 1 else by.office_path,
        rules=[rule_ids] if isinstance(rule_ids, str) else rule_ids,
        data={**data, "rosters": [row.pk for row in rows[:200]], "count": len(rows)},
    )
