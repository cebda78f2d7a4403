"""An incident walks through its steps (V12.5), and so does a lost key until its lock is another one (V12.2.4)."""

from collections.abc import Collection
from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.stages.custody import events
from keju.stages.custody.models import Case, CaseStep
from keju.stages.custody.models.cases import CLOSED
from keju.stages.custody.queries import cases as reads
from keju.stages.custody.rules import cases as rules
from keju.stages.custody.rules.cases import STEPS_OF, CaseKind
from keju.stages.custody.services.case_book import clause, close, free, locked


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
    """The step of the incident or the lost key was taken, by whom and when; the second arrival changes nothing. The emergency
    plan names the version that was in force.
    """
    reads.one(exam, case_id, viewer=by)
    row = Case.objects.select_for_update().get(pk=case_id)
    kind = CaseKind(row.kind)
    if step not in STEPS_OF[kind] or row.state == CLOSED:
        raise Stale
    enforce(rules.check_taken(kind, words, happened_at or at, at))
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
        rules=[clause(row)], data={"happened_at": made.happened_at, "again": not is_new},
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
    """The superior closes the incident or the lost key with its findings; of its containers those in `release` may move again."""
    row = locked(exam, case_id, version, by)
    enforce(rules.check_instruct(row.office_path, by.office_path, row.reported_by == by.ref, "—"))
    kind = CaseKind(row.kind)
    if kind is CaseKind.DAMAGE or row.state == CLOSED:
        raise Stale
    whole = reads.whole(row)
    new_key = kind is not CaseKind.KEY or reads.has_new_key(row)
    enforce(rules.check_findings(kind, whole.missing, findings, has_new_key=new_key))
    free(exam, row, [c.container_id for c in whole.containers if c.container_id in release], findings, by, at)
    row.handling = findings.strip()[:500]
    close(row, findings, by, at)
    return row
