"""Drills: planned, run by a clock with pauses, with steps, observations, people, and lessons that become findings."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.stages.security import events
from keju.stages.security.models import Drill, DrillPerson, DrillStep, Finding
from keju.stages.security.models.emergencies import CANCELLED, DONE, PAUSED, RUNNING
from keju.stages.security.queries import emergencies as queries
from keju.stages.security.queries import people
from keju.stages.security.queries.inspecting import under
from keju.stages.security.rules import emergencies as rules
from keju.stages.security.services.findings import NewFinding, raise_here


@write("security:emergency:make")
def plan_drills(
    *, exam: Exam, offices: Sequence[str], kinds: Sequence[str], scenario: str, planned_at: datetime, by: Actor, at: datetime
) -> list[Drill]:  # fmt: skip
    """Each of the offices has a drill of these emergencies planned."""
    clause = queries.drill_clause(exam)
    refusals = []
    for code in offices:
        queries.own(by, code)
        refusals += list(
            rules.check_drill(clause, kinds, [k.code for k in queries.kinds_at(exam, code)], scenario)
        )
    enforce(refusals)
    made = Drill.objects.bulk_create(
        Drill(
            exam=exam,
            office_path=path_of(code),
            office_code=code,
            kinds=sorted(set(kinds)),
            scenario=scenario.strip(),
            planned_at=planned_at,
            made_by=by.ref,
            made_at=at,
        )
        for code in sorted(set(offices))
    )
    record(
        events.DRILLS_PLANNED,
        by=by,
        at=at,
        subject=f"drills:{len(made)}",
        exam=exam.slug,
        rules=[clause],
        data={"offices": [row.office_code for row in made], "kinds": sorted(set(kinds)), "when": planned_at},
    )
    return made


@write("security:emergency:make")
def move(*, exam: Exam, drill_id: int, move: str, version: int, by: Actor, at: datetime) -> Drill:
    """The clock starts, pauses, goes on, or ends. Starting fixes which versions of the plans are drilled."""
    row = _locked(exam, drill_id, by)
    if row.version != version:
        raise Stale
    clause = queries.drill_clause(exam)
    in_force = queries.current(exam, row.office_path).get(row.office_code, {})
    unplanned = [kind for kind in row.kinds if kind not in in_force]
    enforce(rules.check_move(clause, move, row.state, unplanned, len(queries.people_of(row))))
    row.state = rules.MOVES[move][1]
    if move == "start":
        row.started_at, row.plans = at, {kind: in_force[kind] for kind in row.kinds}
    if row.state == DONE:
        row.ended_at = at
    row.version += 1
    row.save()
    _step(row, move, "", by, at)
    record(
        events.DRILL_MOVED,
        by=by,
        at=at,
        subject=f"drill:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[clause],
        data={"move": move, "plans": row.plans},
    )
    return row


@write("security:emergency:make")
def enter_held(
    *,
    exam: Exam,
    drill_ids: Sequence[int],
    people_of: Mapping[str, Sequence[int]],
    started_at: datetime,
    ended_at: datetime,
    by: Actor,
    at: datetime,
) -> int:
    """Drills that were held away from the screen are entered afterwards with their clock and people, by the same rules:
    each plan drilled was in force when the drill began.

    `people_of`: office → ids of persons. Returns how many drills are on record.
    """
    rows = list(
        Drill.objects.select_for_update().filter(exam=exam, pk__in=list(drill_ids), **under(by.office_path))
    )
    clause, in_force = queries.drill_clause(exam), queries.current(exam, by.office_path, since=started_at)
    refusals = []
    for row in rows:
        have = in_force.get(row.office_code, {})
        took_part = set(people_of.get(row.office_code, ()))
        refusals += rules.check_move(clause, "start", row.state, [k for k in row.kinds if k not in have], 0)
        refusals += rules.check_move(clause, "end", RUNNING, [], len(took_part))
        row.plans = {kind: have.get(kind, 0) for kind in row.kinds}
        row.state, row.started_at, row.ended_at, row.version = DONE, started_at, ended_at, row.version + 1
    enforce(refusals)
    known = {pk for ids in people_of.values() for pk in ids}
    if (
        not ended_at > started_at
        or ended_at > at
        or not all(people.is_person_of(pk, by.office_path) for pk in known)
    ):
        raise NotPermitted(hidden=True)
    Drill.objects.bulk_update(rows, ["plans", "state", "started_at", "ended_at", "version"])
    DrillPerson.objects.bulk_create(
        DrillPerson(drill=row, office_path=row.office_path, person_id=pk, entered_at=at)
        for row in rows
        for pk in sorted(set(people_of[row.office_code]))
    )
    DrillStep.objects.bulk_create(
        DrillStep(drill=row, office_path=row.office_path, kind=kind, by_ref=by.ref, at=when)
        for row in rows
        for kind, when in (("start", started_at), ("end", ended_at))
    )
    record(
        events.DRILL_MOVED,
        by=by,
        at=at,
        subject=f"drills:{len(rows)}",
        exam=exam.slug,
        rules=[clause],
        data={
            "move": "held",
            "offices": [row.office_code for row in rows],
            "from": started_at,
            "to": ended_at,
        },
    )
    return len(rows)


@write("security:emergency:make")
def note(*, exam: Exam, drill_id: int, kind: str, words: str, by: Actor, at: datetime) -> DrillStep:
    """A step of the scenario, or something observed, with its moment."""
    row = _locked(exam, drill_id, by)
    if kind not in ("step", "observed"):
        raise NotPermitted(hidden=True)
    if row.state not in (RUNNING, PAUSED, DONE) or not words.strip():
        enforce([Refusal(queries.drill_clause(exam), "security_drill_state", {"state": row.state})])
    step = _step(row, kind, words, by, at)
    _noted(exam, row, {"kind": kind}, by, at)
    return step


@write("security:emergency:make")
def learn(*, exam: Exam, drill_id: int, lesson: NewFinding, by: Actor, at: datetime) -> Finding:
    """What the drill taught is a finding with its owner and term."""
    row = _locked(exam, drill_id, by)
    if row.state not in (RUNNING, PAUSED, DONE):
        enforce([Refusal(queries.drill_clause(exam), "security_drill_state", {"state": row.state})])
    (found,) = raise_here(exam=exam, found=[lesson], by=by, at=at)
    _step(row, "lesson", lesson.words, by, at)
    _noted(exam, row, {"kind": "lesson", "finding": found.pk}, by, at)
    return found


@write("security:emergency:make")
def join(*, exam: Exam, drill_id: int, person_ids: Sequence[int], by: Actor, at: datetime) -> int:
    """These people took part. Returns how many are newly on record."""
    row = _locked(exam, drill_id, by)
    if row.state == CANCELLED or not people.are_people_of(person_ids, row.office_path):
        raise NotPermitted(hidden=True)
    known = set(queries.people_of(row))
    new = sorted(set(person_ids) - known)
    DrillPerson.objects.bulk_create(
        DrillPerson(drill=row, office_path=row.office_path, person_id=pk, entered_at=at) for pk in new
    )
    record(
        events.DRILL_JOINED,
        by=by,
        at=at,
        subject=f"drill:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[queries.drill_clause(exam)],
        data={"people": new},
    )
    return len(new)


def _locked(exam: Exam, drill_id: int, by: Actor) -> Drill:
    queries.drill(exam, drill_id, viewer=by)
    return Drill.objects.select_for_update().get(pk=drill_id)


def _step(row: Drill, kind: str, words: str, by: Actor, at: datetime) -> DrillStep:
    return DrillStep.objects.create(
        drill=row, office_path=row.office_path, kind=kind, words=words.strip()[:500], by_ref=by.ref, at=at
    )


def _noted(exam: Exam, row: Drill, data: dict[str, object], by: Actor, at: datetime) -> None:
    record(
        events.DRILL_NOTED,
        by=by,
        at=at,
        subject=f"drill:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[queries.drill_clause(exam)],
        data=data,
    )
