"""A duty that was done is owed again: what proved it did not last (a refund came back, more money arrived)."""

from datetime import datetime

from django.db.models import Q

from keju.kernel.duties.models import Obligation
from keju.kernel.duties.plan import term
from keju.kernel.duties.settling import specs_of
from keju.kernel.exams.models import Exam


def reopen(
    exam: Exam, rule: str, owner: str, creditor: str | None, *, because: str, begins: datetime
) -> list[Obligation]:
    """What of it was done is open, due a whole term after `begins`, yet not before it was due; what is open stays so."""
    specs = {spec.code: spec for spec in specs_of(exam) if rule in (spec.rule, spec.code)}
    found = Obligation.objects.select_for_update().filter(
        Q(code__in=list(specs)), exam=exam, owner_code=owner, day__isnull=True, discharged_at__isnull=False
    )
    if creditor is not None:
        found = found.filter(creditor_code=creditor)
    rows = list(found.order_by("pk"))
    for row in rows:
        due = term(specs[row.code]).on(begins)
        row.due_at = max(row.due_at, due)
        row.milestone_at = row.milestone_at or begins
        row.renewed_at, row.renewed_because = begins, because[:300]
        row.discharged_at, row.discharged_by, row.evidence, row.evidence_file = None, "", "", ""
        row.escalated_level = 0
    Obligation.objects.bulk_update(
        rows,
        ["due_at", "milestone_at", "renewed_at", "renewed_because", "discharged_at", "discharged_by", "evidence",
         "evidence_file", "escalated_level"],
    )  # fmt: skip
    return rows
