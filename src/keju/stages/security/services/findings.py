"""Findings: raised with an owner and a term, mended with evidence, closed by another person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from keju.kernel.audit import Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.files import photographs
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.stages.security import events
from keju.stages.security.models import Finding, FindingStep, Inspection
from keju.stages.security.models.inspecting import CLOSED, MENDED, OPEN
from keju.stages.security.queries import inspecting as queries
from keju.stages.security.queries import people
from keju.stages.security.rules import inspecting as rules


@dataclass(frozen=True)
class NewFinding:
    """What is wrong at an office, whose it is (office and person) and by when it is mended."""

    office_code: str
    words: str
    severity: str
    owner_code: str
    owner_id: int
    due_on: date | None
    rule: str = ""
    item: str = ""
    source: str = "inspection"
    inspection: Inspection | None = None
    photos: Sequence[bytes] = ()


@write("security:inspection:make")
def raise_findings(*, exam: Exam, found: Sequence[NewFinding], by: Actor, at: datetime) -> list[Finding]:
    """Each is open with its owner and its day, and the owner's office owes its mending. A single one is a batch of one."""
    return raise_here(exam=exam, found=found, by=by, at=at)


@write(None)
def raise_here(*, exam: Exam, found: Sequence[NewFinding], by: Actor, at: datetime) -> list[Finding]:
    """As `raise_findings`, for what a drill, a recording or a replay brought to light."""
    clause, today = queries.finding_clause(exam), at.astimezone(CHINA).date()
    refusals = [r for one in found for r in _against(exam, one, clause, today)]
    enforce(refusals)
    rows = []
    for one in found:
        path = path_of(one.office_code)
        kept = photographs.keep(photos=one.photos, name=one.office_code, office_path=path, by=by, at=at)
        rows.append(
            Finding(
                exam=exam,
                office_path=path,
                office_code=one.office_code,
                source=one.source,
                inspection=one.inspection,
                item=one.item,
                rule=one.rule or clause,
                severity=one.severity,
                words=one.words.strip(),
                photos=kept,
                owner_code=one.owner_code,
                owner_id=one.owner_id,
                due_on=one.due_on,
                raised_by=by.ref,
                raised_at=at,
            )
        )
    rows = Finding.objects.bulk_create(rows)
    _step(rows, "raised", "", [], by, at)
    for owner, due_on in sorted({(duty_owner(r.owner_code), r.due_on) for r in rows if r.due_on}):
        duties.owe(exam=exam, rule="P7.3", owner=owner, ends=queries.due_at(due_on), by=by, at=at)
    record(
        events.FINDINGS_RAISED,
        by=by,
        at=at,
        subject=f"finding:{rows[0].pk}" if len(rows) == 1 else f"findings:{len(rows)}",
        exam=exam.slug,
        office_path=rows[0].office_path if len(rows) == 1 else None,
        rules={clause, *(r.rule for r in rows)},
        data={
            "findings": [
                {
                    "id": r.pk,
                    "office": r.office_code,
                    "severity": r.severity,
                    "owner": r.owner_code,
                    "due": r.due_on,
                }
                for r in rows
            ]
        },
    )
    return rows


@write("security:finding:mend")
def mend(
    *,
    exam: Exam,
    finding_id: int,
    version: int,
    note: str,
    photos: Sequence[bytes] = (),
    by: Actor,
    at: datetime,
) -> Finding:
    """It is mended, with the evidence; it waits for somebody else to look again."""
    row = locked(exam, finding_id, version, by)
    clause = queries.finding_clause(exam)
    enforce(rules.check_mend(clause, row.state, note, len(photos)))
    row.state, row.mended_by, row.mended_at = MENDED, by.ref, at
    return _moved(exam, row, "mended", events.FINDING_MENDED, note, photos, clause, by, at)


@write("security:inspection:make")
def send_back(
    *,
    exam: Exam,
    finding_id: int,
    version: int,
    note: str,
    photos: Sequence[bytes] = (),
    by: Actor,
    at: datetime,
) -> Finding:
    """Looked at again, it is not mended: it is open as before, with its old term."""
    row = locked(exam, finding_id, version, by)
    clause = queries.finding_clause(exam)
    enforce(
        rules.check_reinspect(clause, row.state, row.mended_by, queries.person_ref(row.owner), by.ref, note)
    )
    row.state, row.mended_by, row.mended_at = OPEN, "", None
    return _moved(exam, row, "returned", events.FINDING_RETURNED, note, photos, clause, by, at)


@write("security:inspection:make")
def close(
    *,
    exam: Exam,
    finding_id: int,
    version: int,
    note: str,
    photos: Sequence[bytes] = (),
    by: Actor,
    at: datetime,
) -> Finding:
    """Looked at again by another person, it is mended. With the last one of its day the owner's duty is done."""
    row = locked(exam, finding_id, version, by)
    clause = queries.finding_clause(exam)
    enforce(
        rules.check_reinspect(clause, row.state, row.mended_by, queries.person_ref(row.owner), by.ref, note)
    )
    row.state, row.closed_by, row.closed_at = CLOSED, by.ref, at
    done = _moved(exam, row, "closed", events.FINDING_CLOSED, note, photos, clause, by, at)
    _settle(exam, row.owner_code, row.due_on, f"findings closed, last: {row.pk}", by, at)
    return done


@write("security:inspection:make")
def extend(
    *, exam: Exam, finding_id: int, version: int, due_on: date, note: str, by: Actor, at: datetime
) -> Finding:
    """It has until a later day, with a reason that stays on record."""
    row = locked(exam, finding_id, version, by)
    clause, before = queries.finding_clause(exam), row.due_on
    latest = queries.latest_due(exam, row.severity, at.astimezone(CHINA).date())
    enforce(
        rules.check_extend(
            clause, row.state, queries.person_ref(row.owner), by.ref, before or due_on, due_on, latest, note
        )
    )
    row.due_on = due_on
    moved = _moved(exam, row, "extended", events.FINDING_EXTENDED, note, (), clause, by, at)
    owner = duty_owner(row.owner_code)
    duties.owe(exam=exam, rule="P7.3", owner=owner, ends=queries.due_at(due_on), by=by, at=at)
    _settle(exam, row.owner_code, before, f"term of finding {row.pk} moved to {due_on}", by, at)
    return moved


def locked(exam: Exam, finding_id: int, version: int, by: Actor) -> Finding:
    """The finding in the actor's scope, locked; `Stale` if somebody moved first."""
    queries.finding(exam, finding_id, viewer=by)
    row = Finding.objects.select_for_update().get(pk=finding_id)
    if row.version != version:
        raise Stale
    return row


def duty_owner(code: str) -> str:
    """Whose duty it is: a site is a part of its point."""
    return code.partition("-")[0]


def _against(exam: Exam, one: NewFinding, clause: str, today: date) -> list[Refusal]:
    on_line = one.owner_code in people.line(one.office_code)
    known = on_line and people.is_person_of(one.owner_id, path_of(one.owner_code))
    latest = queries.latest_due(exam, one.severity, today)
    return list(
        rules.check_finding(clause, one.words, on_line, known, one.due_on, today, latest, len(one.photos))
    )


def _moved(
    exam: Exam, row: Finding, kind: str, event: str, note: str, photos: Sequence[bytes], clause: str, by: Actor, at: datetime
) -> Finding:  # fmt: skip
    kept = photographs.keep(photos=photos, name=row.office_code, office_path=row.office_path, by=by, at=at)
    row.version += 1
    row.save()
    _step([row], kind, note, kept, by, at)
    record(
        event,
        by=by,
        at=at,
        subject=f"finding:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[clause],
        data={"state": row.state, "due": row.due_on, "photos": [photo["sha"] for photo in kept]},
    )
    return row


def _step(
    rows: Sequence[Finding], kind: str, note: str, photos: list[photographs.Photo], by: Actor, at: datetime
) -> None:
    FindingStep.objects.bulk_create(
        FindingStep(
            finding=row,
            office_path=row.office_path,
            kind=kind,
            note=note.strip(),
            photos=photos,
            due_on=row.due_on,
            by_ref=by.ref,
            at=at,
        )
        for row in rows
    )


def _settle(exam: Exam, owner_code: str, due_on: date | None, evidence: str, by: Actor, at: datetime) -> None:
    """The duty of that day is done when no finding of the office with that day is left."""
    owner = duty_owner(owner_code)
    whose = Q(owner_code=owner) | Q(owner_code__startswith=f"{owner}-")
    if (
        due_on is None
        or Finding.objects.filter(whose, exam=exam, due_on=due_on).exclude(state=CLOSED).exists()
    ):
        return
    duties.discharge(exam=exam, rule="P7.3", owner=owner, evidence=evidence, day=due_on, by=by, at=at)
