"""National fees on their way to the centre, and the centre's receipt for them (V8.2a, V8.2b)."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from keju.kernel.audit import Stale, record, write
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import enforce
from keju.stages.fees import documents, events, queries, rules
from keju.stages.fees.models import FiscalReceipt, Kind, Remittance
from keju.stages.fees.services.ledger import Draft, lock_regions, own, post


@write("fees:remittance:record")
def remit(
    *, exam: Exam, region_code: str, amount: Decimal, reference: str, by: Actor, at: datetime
) -> Remittance:
    """The region has sent this much; with the whole amount sent its duty of V8.2a is done.

    `reference` (of the bank) names a remittance once: sending the same form twice is `Stale`.
    """
    path = path_of(region_code)
    own(by, path)
    # One at a time per region, or two clerks could together send more than is owed.
    lock_regions(exam, [region_code])
    if Remittance.objects.filter(exam=exam, region_code=region_code, reference=reference).exists():
        raise Stale
    account = queries.standing(exam, region_code, at).account
    enforce(rules.check_remittance(amount, account))
    try:
        with transaction.atomic():
            row = Remittance.objects.create(
                exam=exam,
                region_code=region_code,
                office_path=path,
                amount=amount,
                reference=reference,
                recorded_by=by.ref,
                recorded_at=at,
            )
    except IntegrityError as error:
        raise Stale from error
    post(exam, [Draft(Kind.REMITTANCE, path, None, rules.remittance(amount))], by, at)
    whole = account.sent + amount >= account.due
    if whole:
        duties.discharge(
            exam=exam, rule="V8.2a", owner=region_code, evidence=f"remittance:{row.pk}", by=by, at=at
        )
    _record(events.REMITTANCE_RECORDED, exam, row, "V8.2a", by=by, at=at, reference=reference, whole=whole)
    return row


@write("fees:remittance:receive")
def receive_remittance(*, exam: Exam, remittance_id: int, by: Actor, at: datetime) -> Remittance:
    """The centre has the money; from now the term for its fiscal receipt runs (V8.2b). `Stale` if received already."""
    row = Remittance.objects.select_for_update().get(exam=exam, pk=remittance_id)
    if row.received_at is not None:
        raise Stale
    first = queries.unreceipted(exam, row.region_code) == 0
    row.received_by, row.received_at = by.ref, at
    row.save(update_fields=["received_by", "received_at"])
    post(exam, [Draft(Kind.ARRIVAL, row.office_path, None, rules.arrival(row.amount))], by, at)
    if first:
        duties.reach(exam=exam, key="money_received", when=at, office_path=row.office_path, by=by, at=at)
        _receipt_anew(exam, row, by, at)
    _record(events.REMITTANCE_RECEIVED, exam, row, "V8.2a", by=by, at=at)
    return row


@write("fees:remittance:receive")
def issue_fiscal_receipt(
    *, exam: Exam, region_code: str, number: str, by: Actor, at: datetime
) -> FiscalReceipt:
    """One receipt for everything that has arrived from the region and has none; the duty of V8.2b is done."""
    path = path_of(region_code)
    own(by, path)
    open_rows = list(
        Remittance.objects.select_for_update().filter(
            exam=exam, region_code=region_code, received_at__isnull=False, fiscal_receipt__isnull=True
        )
    )
    total = sum((r.amount for r in open_rows), Decimal(0))
    if not open_rows and FiscalReceipt.objects.filter(exam=exam, number=number).exists():
        raise Stale
    enforce(rules.check_fiscal_receipt(number, total))
    try:
        with transaction.atomic():
            row = FiscalReceipt.objects.create(
                exam=exam,
                region_code=region_code,
                office_path=path,
                number=number.strip(),
                amount=total,
                issued_by=by.ref,
                issued_at=at,
            )
    except IntegrityError as error:
        raise Stale from error
    Remittance.objects.filter(pk__in=[r.pk for r in open_rows]).update(fiscal_receipt=row)
    duties.discharge(
        exam=exam,
        rule="V8.2b",
        owner="centre",
        creditor=region_code,
        evidence=f"fiscal receipt:{row.number}",
        by=by,
        at=at,
    )
    record(
        events.RECEIPT_ISSUED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V8.2b"],
        data={"number": row.number, "amount": total, "remittances": [r.pk for r in open_rows]},
    )
    return row


@write("fees:ledger:read")
def print_fiscal_receipt(
    *, exam: Exam, receipt_id: int, language: str = "zh", by: Actor, at: datetime
) -> Printed:
    """The receipt on paper; each copy stands in the print ledger."""
    row = queries.fiscal_receipt(exam, receipt_id)
    rows = Remittance.objects.filter(fiscal_receipt=row).order_by("received_at", "pk")
    data = documents.fiscal_receipt(
        exam=exam.name,
        region=office(row.region_code).name,
        number=row.number,
        amount=row.amount,
        issued_at=row.issued_at,
        remittances=[(r.reference, r.received_at or row.issued_at, r.amount) for r in rows],
    )
    printed = print_document(
        kind="fiscal_receipt",
        template="fees/fiscal_receipt",
        data=data,
        exam=exam,
        subject=f"fiscal_receipt:{row.pk}",
        office_path=row.office_path,
        language=language,
        by=by,
        at=at,
    )
    record(
        events.RECEIPT_PRINTED,
        by=by,
        at=at,
        subject=f"fiscal_receipt:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V8.2b"],
        data={"copy": printed.record.copy},
    )
    return printed


def _receipt_anew(exam: Exam, row: Remittance, by: Actor, at: datetime) -> None:
    """After a receipt for what came before, further money wants a further receipt within a term of its own."""
    if not FiscalReceipt.objects.filter(exam=exam, region_code=row.region_code).exists():
        return
    duties.renew(
        exam=exam,
        rule="V8.2b",
        owner="centre",
        creditor=row.region_code,
        because=f"又收到上缴款（凭证{row.reference}） further money arrived ({row.reference})",
        begins=at,
        by=by,
        at=at,
    )


def _record(
    kind: str, exam: Exam, row: Remittance, clause: str, *, by: Actor, at: datetime, **data: object
) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"remittance:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[clause],
        data={"amount": row.amount, "region": row.region_code, **data},
    )
