"""What registrations owe, what arrived for them, and what was taken at the counter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting, tallies
from keju.kernel.offices.queries import path_of
from keju.stages.fees import rules
from keju.stages.fees.models import Advance, PaymentTaken, Refund
from keju.stages.fees.queries.ledger import under
from keju.stages.fees.queries.tariffs import Fee, fee, prices
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Brief

PAGE = 50


def paid(exam: Exam, registration_ids: Sequence[int]) -> set[int]:
    """Those of the registrations whose fee was taken, within the viewer's scope."""
    found = PaymentTaken.objects.filter(exam=exam, registration_id__among=registration_ids)
    return set(found.values_list("registration_id", flat=True))


def receipts_of(exam: Exam, registration_ids: Sequence[int]) -> dict[int, str]:
    """Receipt number by registration, within the viewer's scope."""
    found = PaymentTaken.objects.filter(exam=exam, registration_id__among=registration_ids)
    return dict(found.values_list("registration_id", "receipt"))


def payment_of(exam: Exam, registration_id: int) -> PaymentTaken | None:
    """The payment of a registration, within the viewer's scope."""
    return PaymentTaken.objects.filter(exam=exam, registration_id=registration_id).first()


def taken_at(exam: Exam, office_path: str) -> dict[str, tuple[int, Decimal]]:
    """(payments, yuan) by method taken under the office; what had arrived before counts as "prepaid"."""
    paid = tallies.by_key(exam_id=exam.pk, subject="fees_payments", office_path=office_path)
    came = tallies.by_key(exam_id=exam.pk, subject="fees_advances", office_path=office_path)
    taken = {method: (t.n, t.amount, came[method].amount) for method, t in paid.items()}
    before = sum((b for _, _, b in taken.values()), Decimal(0))
    result = {method: (n, amount - b) for method, (n, amount, b) in taken.items() if method != "prepaid"}
    if before:
        result["prepaid"] = (taken.get("prepaid", (0,))[0], before)
    return result


def payments(exam: Exam, *, after: int = 0, text: str = "", size: int = PAGE) -> list[PaymentTaken]:
    """The next payments after a registration id, in the viewer's scope; `text` is a receipt or its beginning."""
    found = PaymentTaken.objects.filter(exam=exam, registration_id__gt=after)
    if text:
        found = found.filter(receipt__gte=text, receipt__lt=text + "~")
    return list(found.order_by("registration_id")[:size])


def all_payments(exam: Exam) -> Iterator[PaymentTaken]:
    """Every payment in the viewer's scope in order of registrations, in constant memory."""
    return PaymentTaken.objects.filter(exam=exam).order_by("registration_id").iterator(chunk_size=2000)


def owes(exam: Exam, briefs: Mapping[int, Brief], at: datetime) -> dict[int, rules.Owes]:
    """What each of these registrations owes at the moment, whoever asks: the caller has seen them already.

    Money that arrived in another region than the registration is in now does not count: that region gives it back.
    """
    found: dict[int, rules.Owes] = {}
    for region in sorted({b.point_code[:2] for b in briefs.values()}):
        here = {pk: b for pk, b in briefs.items() if b.point_code[:2] == region}
        with acting(Actor.system("fees", path_of(region))):
            found |= _owes(exam, region, here, at.astimezone(CHINA).date())
    return found


def _owes(exam: Exam, region: str, briefs: Mapping[int, Brief], day: date) -> dict[int, rules.Owes]:
    ids = list(briefs)
    arrived: dict[int, list[tuple[date, Decimal]]] = {}
    came = Advance.objects.filter(exam=exam, registration_id__among=ids, **under(path_of(region)))
    for pk, when, amount in came.values_list("registration_id", "paid_on", "amount"):
        arrived.setdefault(pk, []).append((when, amount))
    taken = PaymentTaken.objects.filter(exam=exam, registration_id__among=ids)
    used = dict(taken.values_list("registration_id", "advance"))
    left = dict(used)
    for pk, amount in _given_back(exam, region, arrived) if arrived else ():
        left[pk] = left.get(pk, Decimal(0)) + amount
    known = prices(exam, region, {b.category for b in briefs.values()})
    return {
        pk: rules.Owes(
            rules.price_owed(known[b.category], arrived.get(pk, ()), day),
            sum((a for _, a in arrived.get(pk, ())), Decimal(0)) - left.get(pk, Decimal(0)),
            pk in used,
        )
        for pk, b in briefs.items()
    }


def _given_back(exam: Exam, region: str, ids: Iterable[int]) -> Iterable[tuple[int, Decimal]]:
    """What the region owes back, or gave back, of what arrived for each of the registrations."""
    refunds = Refund.objects.filter(
        exam=exam,
        registration_id__among=list(ids),
        cause__in=("surplus", "lapsed"),
        cancelled_at=None,
        **under(path_of(region)),
    )
    return refunds.values_list("registration_id").annotate(a=Sum("amount"))


def fee_of(exam: Exam, row: Brief | registration.Row, at: datetime) -> Fee:
    """What that registration pays at the moment, and what of it has arrived."""
    brief = Brief(
        row.id,
        row.candidate_id,
        row.office_path,
        row.point_code,
        row.category,
        row.route,
        row.state,
        row.version,
    )
    now = owes(exam, {row.id: brief}, at)[row.id]
    base = fee(exam, row.point_code[:2], row.category, at)
    if now.price is None:
        return base
    return Fee(
        base.region_code, base.category, now.price.national, now.price.provincial, base.approval, now.arrived
    )


def covered(exam: Exam, briefs: Mapping[int, Brief], at: datetime) -> dict[int, Decimal]:
    """Those whose whole fee has arrived and waits for the confirmation, with the fee."""
    return {
        pk: now.price.total
        for pk, now in owes(exam, briefs, at).items()
        if now.covered and now.price is not None
    }


def advances_of(exam: Exam, registration_id: int) -> list[Advance]:
    """What arrived for the registration, within the viewer's scope, oldest first."""
    return list(Advance.objects.filter(exam=exam, registration_id=registration_id).order_by("pk"))
