"""Who failed review gets the fee back: the list, and the duty that ends when nobody on it waits any more (V8.3)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from keju.kernel.audit import record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import path_of
from keju.stages.fees import events, rules
from keju.stages.fees.models import Kind, Order, PaymentTaken, Refund
from keju.stages.fees.services.advances import release_lapsed
from keju.stages.fees.services.ledger import Draft, post

COLUMNS = [
    *("exam_id", "registration_id", "candidate_id", "office_path", "cause", "source", "order_id", "amount"),
    *("owed_at", "paid_by"),
]


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
        .exclude(
            registration_id__in=Refund.objects.filter(exam=exam, cause="review").values("registration_id")
        )
        .order_by("registration_id")
    )
    online = _paid_online(exam, path, owed)
    insert_rows(
        "fees_refund",
        COLUMNS,
        (
            (
                exam.pk,
                p.registration_id,
                p.candidate_id,
                p.office_path,
                "review",
                f"review:{p.registration_id}",
                online.get(p.registration_id),
                p.national + p.provincial,
                at,
                "",
            )
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
    release_lapsed(exam=exam, region_codes=[region_code], by=by, at=at)
    complete(exam, region_code, by, at)
    return len(owed)


def _paid_online(exam: Exam, path: str, owed: Sequence[PaymentTaken]) -> dict[int, int]:
    """Registration → the order that brought exactly its whole fee: that goes back the way it came.

    Of two such orders one was too much and is on its way back already: it is not given back twice.
    """
    whole = {p.registration_id: p.national + p.provincial for p in owed if p.method == "prepaid"}
    orders = Order.objects.filter(exam=exam, registration_id__among=list(whole), state="paid")
    given = Refund.objects.filter(exam=exam, registration_id__among=list(whole), cancelled_at=None)
    given = given.exclude(order=None)
    orders = orders.exclude(pk__in=given.values("order_id"))
    return {o.registration_id: o.pk for o in orders if o.paid == whole[o.registration_id]}


def complete(exam: Exam, region_code: str, by: Actor, at: datetime) -> None:
    """The region's duty is done once nobody on its list waits for money."""
    path = path_of(region_code)
    under = Refund.objects.filter(
        exam=exam, cause="review", office_path__gte=path, office_path__lt=path + "~"
    )
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
