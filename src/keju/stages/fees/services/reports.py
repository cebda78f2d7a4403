"""The reconciliation on paper: balances, checks, and what does not close, by its entry (V8.1–V8.3)."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.fees import documents, events, queries

NATION = t("全国", "The nation")


@write("fees:ledger:read")
def print_reconciliation(
    *, exam: Exam, region_code: str = "", language: str = "zh", by: Actor, at: datetime
) -> Printed:
    """The report of a region, or of everything that the actor's office sees, as it stands now."""
    path = f"/{region_code}/" if region_code else by.office_path
    checks = queries.checks(exam, path)
    data = documents.reconciliation(
        exam=exam.name,
        office=office(path.split("/")[1]).name if path != "/" else NATION,
        at=at,
        balances=[(b.name, b.debit, b.credit) for b in queries.recounted_balance(exam, path)],
        checks=[(c.words, c.left, c.right, c.difference, c.holds) for c in checks],
        faults=[(c.words, f.entry, f.source, f.should, f.booked) for c in checks for f in c.faults],
    )
    printed = print_document(
        kind="reconciliation",
        template="fees/reconciliation",
        data=data,
        exam=exam,
        subject=f"reconciliation:{path}",
        office_path=path,
        language=language,
        by=by,
        at=at,
    )
    record(
        events.RECONCILIATION_PRINTED,
        by=by,
        at=at,
        subject=f"reconciliation:{path}",
        exam=exam.slug,
        office_path=path,
        rules=["V8.1", "V8.3"],
        data={"open": [c.code for c in checks if not c.holds]},
    )
    return printed
