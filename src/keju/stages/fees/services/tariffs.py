"""The provincial part of the fee, as approved locally (V8.1)."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import Advance, PaymentTaken, Tariff
from keju.stages.fees.services.ledger import lock_regions, own


@write("fees:tariff:set")
def set_tariff(
    *,
    exam: Exam,
    region_code: str,
    provincial_fee: Decimal,
    approval: str,
    approval_file: str = "",
    payee: str = "",
    starts_on: date | None = None,
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> Tariff:
    """From `starts_on` (today, if none) candidates of the region pay this on top of the national fee: a further version.

    Once somebody has paid, a change holds from a later day on, and who paid the former price owes nothing more.
    `version`: the one that was seen when deciding (0: none yet); `Stale` if it is another by now. `approval_file`: the
    approving document as stored; a version without one keeps the last one's if the document is the same.
    """
    path = path_of(region_code)
    own(by, path)
    if exams.opening(exam, region_code) is None:
        raise NotPermitted(hidden=True)
    lock_regions(exam, [region_code])
    known = list(queries.tariff_versions(exam, region_code))
    last = known[0].version if known else 0
    if version is not None and version != last:
        raise Stale
    today = at.astimezone(CHINA).date()
    starts = starts_on or today
    enforce(
        [
            *rules.check_tariff(provincial_fee, approval),
            *rules.check_tariff_starts(starts, today, _paid(exam, path), [row.starts_on for row in known]),
        ]
    )
    if not approval_file and known and known[0].approval == approval.strip():
        approval_file = known[0].approval_file
    try:
        with transaction.atomic():
            row = Tariff.objects.create(
                exam=exam,
                region_code=region_code,
                office_path=path,
                provincial_fee=provincial_fee,
                approval=approval.strip(),
                approval_file=approval_file,
                payee=payee.strip(),
                starts_on=starts,
                version=last + 1,
                set_by=by.ref,
                set_at=at,
            )
    except IntegrityError as error:
        raise Stale from error
    record(
        events.TARIFF_SET,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V8.1"],
        data={
            "provincial_fee": provincial_fee,
            "approval": row.approval,
            "file": row.approval_file,
            "starts_on": starts,
            "version": row.version,
        },
    )
    return row


def _paid(exam: Exam, path: str) -> int:
    """How many of the region have paid something by its tariff."""
    under = {"exam": exam, "office_path__gte": path, "office_path__lt": path + "~"}
    return PaymentTaken.objects.filter(**under).count() + Advance.objects.filter(**under).count()
