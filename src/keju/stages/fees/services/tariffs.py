"""The provincial part of the fee, as approved locally (V8.1)."""

from datetime import datetime
from decimal import Decimal

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import Tariff
from keju.stages.fees.services.ledger import own


@write("fees:tariff:set")
def set_tariff(
    *,
    exam: Exam,
    region_code: str,
    provincial_fee: Decimal,
    approval: str,
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> Tariff:
    """Candidates of the region pay this much on top of the national fee; refused once somebody has paid.

    `version`: the one that was seen when deciding (0: none yet); `Stale` if it is another by now.
    """
    path = path_of(region_code)
    own(by, path)
    if exams.opening(exam, region_code) is None:
        raise NotPermitted(hidden=True)
    enforce(rules.check_tariff(provincial_fee, approval))
    known = Tariff.objects.select_for_update().filter(exam=exam, region_code=region_code).first()
    if version is not None and version != (known.version if known else 0):
        raise Stale
    enforce(rules.check_tariff_unused(sum(n for n, _ in queries.taken_at(exam, path).values())))
    row, made = Tariff.objects.update_or_create(
        exam=exam,
        region_code=region_code,
        defaults={
            "office_path": path,
            "provincial_fee": provincial_fee,
            "approval": approval.strip(),
            "version": known.version + 1 if known else 1,
            "set_at": at,
        },
    )
    if known is None and not made:
        raise Stale
    record(
        events.TARIFF_SET,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V8.1"],
        data={"provincial_fee": provincial_fee, "approval": row.approval, "version": row.version},
    )
    return row
