"""Duties that no calendar opens but a case: a finding with its term. One obligation for each day on which terms end."""

from datetime import datetime

from keju.algorithms.workdays import CHINA
from keju.kernel.audit import record, write
from keju.kernel.duties import plan
from keju.kernel.duties.models import Obligation
from keju.kernel.duties.settling import parties_of, specs_of
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting

MECHANISM = Actor.system("duties")


@write(None)
def owe(*, exam: Exam, rule: str, owner: str, ends: datetime, by: Actor, at: datetime) -> int:
    """The office owes the duty (clause or code, `by_case`) for the case whose term ends then.

    Cases that end on one day are one obligation; one that was discharged is open again. Returns how many are newly open:
    0 where the office owes it already, or where the exam's law has no such duty for an office of this kind.
    """
    wanted = [
        (spec, party, to)
        for spec in specs_of(exam)
        if spec.by_case and rule in (spec.rule, spec.code)
        for party, to in plan.pairs(spec, parties_of(exam))
        if party.code == owner
    ]
    opened = 0
    with acting(MECHANISM):
        for spec, party, to in wanted:
            due_at = plan.term(spec).on(ends)
            row, made = Obligation.objects.select_for_update().get_or_create(
                exam=exam,
                code=spec.code,
                owner_code=party.code,
                creditor_code=to.code,
                day=ends.astimezone(CHINA).date(),
                defaults={
                    "rule": spec.rule,
                    "owner_path": party.path,
                    "office_path": plan.lower(party.path, to.path),
                    "milestone": plan.counts_from(spec),
                    "milestone_at": ends,
                    "due_at": due_at,
                    "manual": spec.discharge == "manual",
                },
            )
            if not made and row.discharged_at is not None:
                row.discharged_at, row.discharged_by, row.evidence, row.evidence_file = None, "", "", ""
                row.escalated_level, row.renewed_at = 0, at
                row.save()
                made = True
            opened += made
    record(
        "duties.case.opened",
        by=by,
        at=at,
        subject=f"duty:{rule}",
        rules={spec.rule for spec, _, _ in wanted},
        exam=exam.slug,
        data={"owner": owner, "ends": ends, "opened": opened},
    )
    return opened
