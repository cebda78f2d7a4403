"""Who failed review gets the fee back, once (V8.3)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import RuleRefused
from keju.stages.fees import events, rules
from keju.stages.fees.models import Kind, PaymentTaken, Refund
from keju.stages.fees.services.ledger import Draft, own, post

COLUMNS = ["exam_id", "registration_id", "candidate_id", "office_path", "amount", "owed_at", "paid_by"]


@write(None)
def mark_refundable(
    *, exam: Exam, region_code: str, registration_ids: Sequence[int], by: Actor, at: datetime
) -> int:
    """Those of them who had paid are on the refund list, each once; returns how many were added.

    With nobody to refund in the whole region the duty of V8.3 is done at once.
    """
    path = path_of(region_code)
    owed = list(
        PaymentTaken.objects.filter(
            exam=exam,
            registration_id__among=registration_ids,
            office_path__gte=path,
            office_path__lt=path + "~",
        )
        .exclude(registration_id__in=Refund.objects.filter(exam=exam).values("registration_id"))
        .order_by("registration_id")
    )
    insert_rows(
        "fees_refund",
        COLUMNS,
        (
            (exam.pk, p.registration_id, p.candidate_id, p.office_path, p.national + p.provincial, at, "")
            for p in owed
        ),
    )
    post(
        exam,
        [
            Draft(
                Kind.REFUND_OWED,
                p.office_path,
                p.registration_id,
                rules.refund_owed(p.national, p.provincial),
            )
            for p in owed
        ],
        by,
        at,
    )
    _record(
        events.REFUNDS_LISTED,
        exam,
        region_code,
        [p.registration_id for p in owed],
        sum((p.national + p.provincial for p in owed), Decimal(0)),
        by=by,
        at=at,
    )
    _complete(exam, region_code, by, at)
    return len(owed)


@write("fees:refund:execute")
def refund(*, exam: Exam, registration_ids: Sequence[int], by: Actor, at: datetime) -> int:
    """Each has the money back; returns how many. All or none: RuleRefused if one is not listed or was paid already.

    With the last one of a region its duty of V8.3 is done.
    """
    wanted = sorted(set(registration_ids))
    rows = {
        r.registration_id: r
        for r in Refund.objects.select_for_update()
        .filter(exam=exam, registration_id__among=wanted)
        .order_by("registration_id")
    }
    if len(wanted) == 1 and not rows:
        raise NotPermitted(hidden=True)
    refusals = [
        refusal
        for pk in wanted
        for refusal in rules.check_refund(pk in rows, pk in rows and rows[pk].paid_at is not None)
    ]
    if refusals:
        raise RuleRefused(dict.fromkeys(refusals))
    Refund.objects.filter(exam=exam, registration_id__among=wanted, paid_at=None).update(
        paid_at=at, paid_by=by.ref
    )
    post(
        exam,
        [Draft(Kind.REFUND, r.office_path, r.registration_id, rules.refund(r.amount)) for r in rows.values()],
        by,
        at,
    )
    for region_code in sorted({r.office_path[1:3] for r in rows.values()}):
        own(by, path_of(region_code))
        here = [r for r in rows.values() if r.office_path[1:3] == region_code]
        total = sum((r.amount for r in here), Decimal(0))
        _record(
            events.REFUNDS_PAID, exam, region_code, [r.registration_id for r in here], total, by=by, at=at
        )
        _complete(exam, region_code, by, at)
    if not wanted:
        _record(events.REFUNDS_PAID, exam, by.region_code, [], Decimal(0), by=by, at=at)
    return len(rows)


def _complete(exam: Exam, region_code: str, by: Actor, at: datetime) -> None:
    """The region's duty is done once nobody on its list waits for money."""
    path = path_of(region_code)
    under = Refund.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    if under.filter(paid_at=None).exists():
        return
    duties.discharge(exam=exam, rule="V8.3", owner=region_code, evidence="refunds completed", by=by, at=at)
    record(
        events.REFUNDS_COMPLETED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V8.3"],
        data={"refunds": under.count()},
    )


def _record(
    kind: str, exam: Exam, region_code: str, ids: Sequence[int], amount: Decimal, *, by: Actor, at: datetime
) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"region:{region_code}" if len(ids) != 1 else f"registration:{ids[0]}",
        exam=exam.slug,
        office_path=path_of(region_code) if region_code else None,
        rules=["V8.3"],
        data={
            "count": len(ids),
            "amount": amount,
            "digest": hashlib.sha256("\n".join(map(str, ids)).encode()).hexdigest(),
        },
    )
