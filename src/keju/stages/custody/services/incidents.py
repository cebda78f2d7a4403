"""An incident walks through its steps (V12.5); who saw questions is kept apart until the exam ends (V12.6.3)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.stages.custody import events
from keju.stages.custody.models import Case, CaseStep, Isolation
from keju.stages.custody.models.cases import CLOSED
from keju.stages.custody.queries import cases as reads
from keju.stages.custody.rules import cases as rules
from keju.stages.custody.rules.cases import STEPS, CaseKind
from keju.stages.custody.services.cases import close, free, locked


@dataclass(frozen=True)
class Isolated:
    """Somebody who saw questions; `companion`: the discipline officer with them, and whose; `devices`: what was handed in."""

    name: str
    companion: str
    place: str
    devices: str


@write("custody:case:report")
def take_step(
    *,
    exam: Exam,
    case_id: int,
    step: str,
    words: str = "",
    happened_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> CaseStep:
    """The step of the incident was taken, by whom and when; the second arrival changes nothing. The emergency plan names
    the version that was in force.
    """
    reads.one(exam, case_id, viewer=by)
    row = Case.objects.select_for_update().get(pk=case_id)
    if step not in STEPS or row.kind != CaseKind.INCIDENT or row.state == CLOSED:
        raise Stale
    enforce(rules.check_happened(happened_at or at, at))
    if step == "emergency_plan":
        number = reads.plan_in_force(exam, row.office_path, row.office_code)
        words = f"{words.strip()} [{number}]".strip() if number else words
    made, is_new = CaseStep.objects.get_or_create(
        case=row,
        kind=step,
        defaults={
            "office_path": row.office_path, "words": words.strip()[:500], "happened_at": happened_at or at, "at": at,
            "by": by.ref, "name": by.name,
        },
    )  # fmt: skip
    record(
        f"{events.CASE}.{step}", by=by, at=at, subject=f"case:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=["V12.5"], data={"happened_at": made.happened_at, "again": not is_new},
    )  # fmt: skip
    return made


@write("custody:case:instruct")
def close_incident(
    *,
    exam: Exam,
    case_id: int,
    version: int,
    findings: str,
    release: Collection[int] = (),
    by: Actor,
    at: datetime,
) -> Case:
    """The superior closes the incident with its findings; of its containers those in `release` may move again."""
    row = locked(exam, case_id, version, by)
    enforce(rules.check_instruct(row.office_path, by.office_path, row.reported_by == by.ref, "—"))
    if row.kind != CaseKind.INCIDENT or row.state == CLOSED:
        raise Stale
    whole = reads.whole(row)
    enforce(rules.check_findings(whole.missing, findings))
    free(exam, row, [c.container_id for c in whole.containers if c.container_id in release], findings, by, at)
    row.handling = findings.strip()[:500]
    close(row, findings, by, at)
    return row


@write("custody:case:report")
def isolate(
    *, exam: Exam, case_id: int, people: Sequence[Isolated], by: Actor, at: datetime
) -> list[Isolation]:
    """Each is kept apart from now on, accompanied, without devices; whoever is registered already stays as they are."""
    row = reads.one(exam, case_id, viewer=by)
    enforce([r for p in people for r in rules.check_isolation(p.name, p.companion, p.place, p.devices)])
    known = set(row.isolations.values_list("name", flat=True))
    made = Isolation.objects.bulk_create(
        Isolation(
            case=row, exam=exam, office_path=row.office_path, name=p.name.strip(), companion=p.companion.strip(),
            place=p.place.strip(), devices=p.devices.strip(), started_at=at, made_by=by.ref,
        )
        for p in people
        if p.name.strip() not in known
    )  # fmt: skip
    record(
        events.ISOLATED, by=by, at=at, subject=f"case:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=["V12.6.3"], data={"people": len(made)},
    )  # fmt: skip
    return made


@write("custody:case:report")
def end_isolation(*, exam: Exam, case_id: int, by: Actor, at: datetime) -> int:
    """Everybody kept apart because of the case is free. Refused before the last session ends. Returns how many."""
    row = reads.one(exam, case_id, viewer=by)
    enforce(rules.check_isolation_end(at, reads.last_session_ends(exam)))
    n = Isolation.objects.filter(case=row, ended_at=None).update(ended_at=at, ended_by=by.ref)
    if not n:
        enforce([Refusal("V12.6.3", "custody_isolation_nobody")])
    record(
        events.ISOLATION_ENDED, by=by, at=at, subject=f"case:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=["V12.6.3"], data={"people": n},
    )  # fmt: skip
    return n
