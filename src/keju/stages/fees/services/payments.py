"""Candidates pay at the counter, or what arrived before is taken as payment (V5.3.2a, V8.1); cash goes to the bank (V5.3.3)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, RuleRefused
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import Kind
from keju.stages.fees.rules import Payment
from keju.stages.fees.services.ledger import Draft, lock_regions, post
from keju.stages.fees.services.receipts import Number, take_numbers
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Brief

COLUMNS = [
    *("exam_id", "registration_id", "candidate_id", "office_path", "method", "reference", "national"),
    *("provincial", "advance", "receipt_range_id", "receipt_number", "receipt", "taken_by", "taken_at"),
]


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment that was taken, and the number of the receipt to hand over."""

    registration_id: int
    receipt: str


@write("fees:payment:take")
def take_payments(*, exam: Exam, payments: Sequence[Payment], by: Actor, at: datetime) -> list[Taken]:
    """Every candidate is charged the tariff and has paid it, each with the next receipt of the region, in order.

    All or none. RuleRefused says what stands against it: no tariff, another amount, paid already, receipts used up.
    """
    briefs = registration.briefs(viewer=by, exam=exam, ids=[p.registration_id for p in payments])
    if any(p.registration_id not in briefs for p in payments):
        raise NotPermitted(hidden=True)
    lock_regions(exam, {b.point_code[:2] for b in briefs.values()})
    parts = _judge(exam, payments, briefs, at)
    numbers = _numbers(exam, payments, briefs)
    try:
        with transaction.atomic():
            insert_rows(
                "fees_payment",
                COLUMNS,
                (
                    _row(exam, p, briefs[p.registration_id], part, number, by=by, at=at)
                    for p, part, number in zip(payments, parts, numbers, strict=True)
                ),
            )
    except IntegrityError as error:
        # Another clerk took this candidate's money a moment ago: the constraint is the judge.
        if "registration_id" not in str(error):
            raise
        raise RuleRefused([Refusal("V5.3.2a", "fees_paid_already")]) from error
    post(exam, _entries(payments, briefs, parts), by, at)
    one = briefs[payments[0].registration_id] if len(payments) == 1 else None
    listed = "\n".join(f"{p.registration_id} {n.text}" for p, n in zip(payments, numbers, strict=True))
    record(
        events.PAYMENTS_TAKEN,
        by=by,
        at=at,
        subject=f"registration:{one.id}" if one else "registrations",
        exam=exam.slug,
        office_path=one.office_path if one else None,
        rules=["V8.1", "V5.1.2", "V5.3.2a"],
        data={
            "count": len(payments),
            "amount": sum((part.price.total for part in parts), Decimal(0)),
            "prepaid": sum((part.advance for part in parts), Decimal(0)),
            "first_receipt": numbers[0].text if numbers else "",
            "last_receipt": numbers[-1].text if numbers else "",
            "digest": hashlib.sha256(listed.encode()).hexdigest(),
        },
    )
    return [Taken(p.registration_id, n.text) for p, n in zip(payments, numbers, strict=True)]


@write(None)
def bank_cash(*, exam: Exam, point_code: str, by: Actor, at: datetime) -> Decimal:
    """The point's cash is in the region's bank, to the fen; returns how much. The slip goes with the summary."""
    path = path_of(point_code)
    amount = queries.balance(exam, "cash", path)
    post(exam, [Draft(Kind.BANKED, path, None, rules.banked(amount))], by, at)
    record(
        events.CASH_BANKED,
        by=by,
        at=at,
        subject=f"office:{point_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V5.3.3"],
        data={"amount": amount},
    )
    return amount


@dataclass(frozen=True, slots=True)
class _Part:
    """What one payment settles: the price, and how much of it had arrived before."""

    price: rules.Price
    advance: Decimal


def _judge(exam: Exam, payments: Sequence[Payment], briefs: dict[int, Brief], at: datetime) -> list[_Part]:
    """What each settles; RuleRefused with everything that stands against any of them."""
    owed = queries.owes(exam, briefs, at)
    already = {pk for pk, now in owed.items() if now.paid}
    parts: list[_Part] = []
    refusals: list[Refusal] = []
    for p in payments:
        brief, now = briefs[p.registration_id], owed[p.registration_id]
        refusals += rules.check_payment(p, brief.state, p.registration_id in already)
        refusals += rules.check_charge(p, now, brief.point_code[:2])
        already.add(p.registration_id)
        if now.price is not None:
            parts.append(_Part(now.price, min(now.arrived, now.price.total)))
    if refusals:
        raise RuleRefused(dict.fromkeys(refusals))
    return parts


def _numbers(exam: Exam, payments: Sequence[Payment], briefs: dict[int, Brief]) -> list[Number]:
    """A receipt for each payment, from its own region's ranges, in the order of the payments."""
    regions = [briefs[p.registration_id].point_code[:2] for p in payments]
    # In one order always, so that two batches over several regions never wait for each other.
    stock = {code: iter(take_numbers(exam, code, regions.count(code))) for code in sorted(set(regions))}
    return [next(stock[code]) for code in regions]


def _row(
    exam: Exam, p: Payment, brief: Brief, part: _Part, number: Number, *, by: Actor, at: datetime
) -> tuple[object, ...]:
    return (
        exam.pk, brief.id, brief.candidate_id, brief.office_path, p.method, p.reference.strip(),
        part.price.national, part.price.provincial, part.advance, number.range_id, number.number, number.text, by.ref, at,
    )  # fmt: skip


def _entries(payments: Sequence[Payment], briefs: dict[int, Brief], parts: Sequence[_Part]) -> list[Draft]:
    drafts = []
    for p, part in zip(payments, parts, strict=True):
        path, price = briefs[p.registration_id].office_path, part.price
        owed = rules.charge(price.national, price.provincial)
        drafts.append(Draft(Kind.CHARGE, path, p.registration_id, owed))
        settled = rules.payment(p.method, price.total, part.advance)
        drafts.append(Draft(Kind.PAYMENT, path, p.registration_id, settled))
    return drafts


def prepayments(exam: Exam, briefs: Mapping[int, Brief], at: datetime) -> list[Payment]:
    """Payments of those whose whole fee had arrived: at the confirmation only the receipt is given."""
    return [Payment(pk, "prepaid", total) for pk, total in queries.covered(exam, briefs, at).items()]
