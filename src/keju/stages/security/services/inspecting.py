"""Inspections: planned for many offices at once, answered item by item, finished when nothing is left."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import F

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.files import photographs
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.precautions import InspectionList
from keju.stages.security import events
from keju.stages.security.models import Answer, Inspection
from keju.stages.security.models.inspecting import BEGUN, CANCELLED, DONE, PLANNED, WRONG
from keju.stages.security.queries import inspecting as queries
from keju.stages.security.queries import people
from keju.stages.security.queries.inspecting import under
from keju.stages.security.rules import inspecting as rules
from keju.stages.security.services.findings import NewFinding, raise_findings


@write("security:inspection:make")
def plan_inspections(
    *,
    exam: Exam,
    checklist: str,
    offices: Sequence[str],
    planned_on: date,
    team: Sequence[int],
    note: str = "",
    by: Actor,
    at: datetime,
) -> list[Inspection]:
    """Each of the offices has an inspection by the actor's office on that day, with the list as it stands.

    One that is planned already stays as it is. Returns the new ones.
    """
    chosen = queries.list_of(exam, checklist)
    known = {code: kind for code, kind, _ in queries.places(exam, viewer=by)}
    kinds = {code: known[code] for code in offices if code in known}
    if len(kinds) < len(set(offices)):
        raise NotPermitted(hidden=True)
    strangers = [pk for pk in team if not people.is_person_of(pk, by.office_path)]
    enforce(
        rules.check_plan(
            chosen,
            kinds,
            planned_on,
            queries.exam_days(exam),
            len(set(team)) - len(strangers),
            by.office_code,
        )
    )
    rows = [
        _inspection(exam, chosen, code, planned_on, sorted(set(team)), note, by, at) for code in sorted(kinds)
    ]
    there = set(
        Inspection.objects.filter(
            exam=exam, checklist=checklist, planned_on=planned_on, by_code=by.office_code
        )
        .exclude(state=CANCELLED)
        .values_list("office_code", flat=True)
    )
    made = Inspection.objects.bulk_create(row for row in rows if row.office_code not in there)
    record(
        events.INSPECTIONS_PLANNED,
        by=by,
        at=at,
        subject=f"checklist:{checklist}",
        exam=exam.slug,
        rules=[chosen.rule],
        data={"offices": [row.office_code for row in made], "on": planned_on, "version": chosen.version},
    )
    return made


@write("security:inspection:make")
def answer(
    *,
    exam: Exam,
    inspection_id: int,
    item: str,
    outcome: str,
    note: str = "",
    photos: Sequence[bytes] = (),
    finding: NewFinding | None = None,
    by: Actor,
    at: datetime,
) -> Answer:
    """The item is answered; what is wrong becomes a finding with its owner and term in the same breath."""
    row = _under_way(exam, inspection_id, by)
    known = {one["code"]: one for one in row.items}
    enforce(rules.check_answer(row.rule, known, item, outcome, len(photos)))
    if outcome == WRONG:
        facts = finding or NewFinding(row.office_code, note, known[item]["severity"], "", 0, None)
        raise_findings(exam=exam, found=[_of(row, item, known[item]["rule"], facts, photos)], by=by, at=at)
    kept = photographs.keep(photos=photos, name=row.office_code, office_path=row.office_path, by=by, at=at)
    answers = answer_many(exam=exam, row=row, outcomes={item: outcome}, note=note, photos=kept, by=by, at=at)
    return answers[0]


@write("security:inspection:make")
def answer_many(
    *,
    exam: Exam,
    row: Inspection,
    outcomes: Mapping[str, str],
    note: str = "",
    photos: Sequence[photographs.Photo] = (),
    by: Actor,
    at: datetime,
) -> list[Answer]:
    """The items are answered at once; the inspection is under way."""
    made = Answer.objects.bulk_create(
        Answer(
            exam=exam,
            inspection=row,
            office_path=row.office_path,
            item=item,
            outcome=outcome,
            note=note.strip(),
            photos=list(photos),
            answered_by=by.ref,
            answered_at=at,
        )
        for item, outcome in outcomes.items()
    )
    Inspection.objects.filter(pk=row.pk, state=PLANNED).update(state=BEGUN)
    record(
        events.INSPECTION_ANSWERED,
        by=by,
        at=at,
        subject=f"inspection:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[row.rule],
        data={"outcomes": dict(outcomes), "photos": [photo["sha"] for photo in photos]},
    )
    return made


@write("security:inspection:make")
def rest_is_right(*, exam: Exam, inspection_id: int, by: Actor, at: datetime) -> int:
    """Whatever has no result yet was looked at and is as it should be. Returns how many items."""
    row = _under_way(exam, inspection_id, by)
    left = rules.unanswered([item["code"] for item in row.items], _outcomes(row))
    return len(answer_many(exam=exam, row=row, outcomes=dict.fromkeys(left, "right"), by=by, at=at))


@write("security:inspection:make")
def finish(*, exam: Exam, inspection_id: int, version: int, by: Actor, at: datetime) -> Inspection:
    """Every item has its result and the inspection is over; a systematic one discharges the office's duty (P6.1)."""
    row = _under_way(exam, inspection_id, by)
    if row.version != version:
        raise Stale
    enforce(rules.check_finish(row.rule, [item["code"] for item in row.items], _outcomes(row)))
    row.state, row.done_by, row.done_at = DONE, by.ref, at
    row.version += 1
    row.save()
    record(
        events.INSPECTION_DONE,
        by=by,
        at=at,
        subject=f"inspection:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[row.rule],
        data={"office": row.office_code, "checklist": row.checklist, "version": row.list_version},
    )
    if row.systematic and "-" not in row.office_code:
        evidence = f"inspection {row.pk}, {at.astimezone(CHINA).date()}"
        duties.discharge(exam=exam, rule=row.rule, owner=row.office_code, evidence=evidence, by=by, at=at)
    return row


@write("security:inspection:make")
def enter_sound(*, exam: Exam, inspection_ids: Sequence[int], by: Actor, at: datetime) -> int:
    """Inspections done on paper at which nothing was wrong are entered afterwards: what has no result is right, and they
    are over. Returns how many.
    """
    found = Inspection.objects.select_for_update().filter(
        exam=exam, pk__in=list(inspection_ids), **under(by.office_path)
    )
    rows = list(found.filter(state__in=(PLANNED, BEGUN)).order_by("pk"))
    known: dict[int, set[str]] = {}
    for pk, item in Answer.objects.filter(inspection__in=rows).values_list("inspection_id", "item"):
        known.setdefault(pk, set()).add(item)
    Answer.objects.bulk_create(
        Answer(
            exam=exam,
            inspection=row,
            office_path=row.office_path,
            item=item["code"],
            outcome="right",
            answered_by=by.ref,
            answered_at=at,
        )
        for row in rows
        for item in row.items
        if item["code"] not in known.get(row.pk, ())
    )
    Inspection.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=DONE, done_by=by.ref, done_at=at, version=F("version") + 1
    )
    record(
        events.INSPECTION_DONE,
        by=by,
        at=at,
        subject=f"inspections:{len(rows)}",
        exam=exam.slug,
        rules={row.rule for row in rows},
        data={"inspections": [[row.pk, row.office_code, row.checklist, row.list_version] for row in rows]},
    )
    for clause in sorted({row.rule for row in rows if row.systematic}):
        owners = {
            row.office_code
            for row in rows
            if row.systematic and row.rule == clause and "-" not in row.office_code
        }
        if owners:
            evidence = f"inspections of {at.astimezone(CHINA).date()}"
            duties.discharge_many(exam=exam, rule=clause, owners=owners, evidence=evidence, by=by, at=at)
    return len(rows)


@write("security:inspection:make")
def cancel(*, exam: Exam, inspection_id: int, version: int, note: str, by: Actor, at: datetime) -> Inspection:
    """It does not take place, with the reason; what was found of it stays."""
    row = _under_way(exam, inspection_id, by)
    if row.version != version:
        raise Stale
    enforce([] if note.strip() else [Refusal(row.rule, "security_no_evidence", field="note")])
    row.state, row.note = CANCELLED, note.strip()[:300]
    row.version += 1
    row.save()
    record(
        events.INSPECTION_CANCELLED,
        by=by,
        at=at,
        subject=f"inspection:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[row.rule],
        data={"office": row.office_code, "checklist": row.checklist},
    )
    return row


def _inspection(
    exam: Exam,
    chosen: InspectionList,
    code: str,
    on: date,
    team: list[int],
    note: str,
    by: Actor,
    at: datetime,
) -> Inspection:
    return Inspection(
        exam=exam,
        office_path=path_of(code),
        office_code=code,
        by_code=by.office_code,
        checklist=chosen.code,
        list_version=chosen.version,
        rule=chosen.rule,
        phase=chosen.when,
        systematic=chosen.systematic,
        items=[
            {"code": i.code, "zh": i.words.zh, "en": i.words.en, "rule": i.rule, "severity": i.severity}
            for i in chosen.items
        ],
        team=team,
        planned_on=on,
        note=note.strip(),
        made_by=by.ref,
        made_at=at,
    )


def _under_way(exam: Exam, inspection_id: int, by: Actor) -> Inspection:
    queries.inspection(exam, inspection_id, viewer=by)
    row = Inspection.objects.select_for_update().get(pk=inspection_id)
    enforce([] if row.state in (PLANNED, BEGUN) else [Refusal(row.rule, "security_not_under_way")])
    return row


def _outcomes(row: Inspection) -> dict[str, str]:
    return {item: found.outcome for item, found in queries.answers(row).items()}


def _of(row: Inspection, item: str, rule: str, facts: NewFinding, photos: Sequence[bytes]) -> NewFinding:
    return NewFinding(
        office_code=row.office_code,
        words=facts.words,
        severity=facts.severity,
        owner_code=facts.owner_code,
        owner_id=facts.owner_id,
        due_on=facts.due_on,
        rule=rule,
        item=item,
        inspection=row,
        photos=photos,
    )
