"""Money that comes for a registration by the bank or online: an advance until the confirmation, what is too much owed back.

An advance is a debt to the candidate (ADR 10): confirmation turns it into the payment; what exceeds the price, comes twice, or
comes for a registration that lapsed is at once on the list of refunds. Nothing that was paid is ever without a home.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.backends.utils import CursorWrapper

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows, insert_rows_returning
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import Words, t
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import Kind, Order
from keju.stages.fees.services.ledger import Draft, lock_regions, post
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Brief

ADVANCE = ["exam_id", "registration_id", "candidate_id", "office_path", "amount", "source", "paid_on", "at"]
REFUND = [
    *("exam_id", "registration_id", "candidate_id", "office_path", "cause", "source", "order_id", "line_id"),
    *("amount", "owed_at", "paid_by"),
]
ARRIVED = t(
    "已收到您的缴费{amount}元。现场确认时不再收费，凭票据领取即可。",
    "Your payment of {amount} yuan has arrived. Nothing more is to be paid when you confirm; you get the receipt there.",
)
MISSING = t(
    "已收到您的缴费{amount}元，还差{left}元，请补缴或在现场确认时缴纳。",
    "Your payment of {amount} yuan has arrived; {left} yuan are missing. Pay the rest online, by transfer or when you confirm.",
)
BACK = t(
    "您有{amount}元将退还（多缴、重复缴费，或报名未确认）。请登录后填写退款账户。",
    "{amount} yuan will be paid back to you (too much, twice, or not confirmed). Sign in and enter the account for it.",
)
# Registrations that ended without a payment while money of theirs is still an advance.
LAPSED = """
SELECT a.registration_id, sum(a.amount)
  - coalesce((SELECT sum(f.amount) FROM fees_refund f WHERE f.registration_id = a.registration_id
              AND f.cause IN ('surplus', 'lapsed') AND f.cancelled_at IS NULL
              AND f.office_path >= %(path)s AND f.office_path < %(end)s), 0)
  - coalesce((SELECT sum(p.advance) FROM fees_payment p WHERE p.registration_id = a.registration_id
              AND p.office_path >= %(path)s AND p.office_path < %(end)s), 0) AS rest
FROM fees_advance a JOIN registration_registration r ON r.id = a.registration_id
WHERE a.exam_id = %(exam)s AND a.office_path >= %(path)s AND a.office_path < %(end)s
  AND (r.state IN ('withdrawn', 'rejected') OR NOT (r.office_path >= %(path)s AND r.office_path < %(end)s))
GROUP BY a.registration_id
"""


@dataclass(frozen=True, slots=True)
class Credit:
    """So much came for a registration on a day, by an explained line ("match:7") or an order ("order:9")."""

    registration_id: int
    amount: Decimal
    source: str
    paid_on: date
    order_id: int | None = None
    line_id: int | None = None


def credit(exam: Exam, region_code: str, credits: Sequence[Credit], by: Actor, at: datetime) -> Decimal:
    """Each is an advance of its registration; returns how much of it all is owed back. The caller locks, posts and records.

    Money of a registration that is paid, has lapsed or moved to another region is owed back at once.
    """
    if not credits:
        return Decimal(0)
    path = path_of(region_code)
    system = Actor.system("fees")
    with acting(system):
        briefs = registration.briefs(viewer=system, exam=exam, ids=[c.registration_id for c in credits])
        insert_rows(
            "fees_advance",
            ADVANCE,
            (
                (exam.pk, c.registration_id, briefs[c.registration_id].candidate_id, path, c.amount, c.source,
                 c.paid_on, at)
                for c in credits
            ),
        )  # fmt: skip
        back = _surpluses(exam, region_code, briefs, credits, at)
        owe(exam, path, briefs, back, "surplus", by, at)
        _tell(exam, region_code, briefs, credits, back, by, at)
    return sum((amount for _, amount in back), Decimal(0))


def _surpluses(
    exam: Exam, region_code: str, briefs: Mapping[int, Brief], credits: Sequence[Credit], at: datetime
) -> list[tuple[Credit, Decimal]]:
    """What of each registration's money is too much, with the last credit that made it so."""
    here = {pk: b for pk, b in briefs.items() if b.point_code[:2] == region_code}
    owed = queries.owes(exam, here, at)
    found = []
    for c in {c.registration_id: c for c in credits}.values():
        now, brief = owed.get(c.registration_id), briefs[c.registration_id]
        if now is None:  # registered elsewhere by now: this region gives back what came here
            amount = sum((x.amount for x in credits if x.registration_id == c.registration_id), Decimal(0))
        else:
            amount = rules.too_much(now, brief.state)
        if amount > 0:
            found.append((c, amount))
    return found


def owe(
    exam: Exam,
    path: str,
    briefs: Mapping[int, Brief],
    back: Sequence[tuple[Credit, Decimal]],
    cause: str,
    by: Actor,
    at: datetime,
) -> None:
    """Each amount is on the list of refunds, and no longer an advance."""
    if not back:
        return
    rows = [
        (exam.pk, c.registration_id, briefs[c.registration_id].candidate_id, path, cause, f"{cause}:{c.source}",
         c.order_id, c.line_id, amount, at, "")
        for c, amount in back
    ]  # fmt: skip
    insert_rows_returning("fees_refund", REFUND, rows)
    post(
        exam,
        [
            Draft(Kind.SURPLUS, path, c.registration_id, rules.surplus(amount), f"{cause}:{c.source}")
            for c, amount in back
        ],
        by,
        at,
    )


def _tell(
    exam: Exam,
    region_code: str,
    briefs: Mapping[int, Brief],
    credits: Sequence[Credit],
    back: Sequence[tuple[Credit, Decimal]],
    by: Actor,
    at: datetime,
) -> None:
    """By what happened: arrived and enough, something missing, something to be paid back."""
    here = {pk: b for pk, b in briefs.items() if b.point_code[:2] == region_code and b.state == "submitted"}
    owed = queries.owes(exam, here, at)
    came: dict[int, Decimal] = {}
    for c in credits:
        came[c.registration_id] = came.get(c.registration_id, Decimal(0)) + c.amount
    said: dict[tuple[str, Words], list[int]] = {}
    for pk, amount in came.items():
        now = owed.get(pk)
        if now is None or now.paid:
            continue
        words = MISSING if now.left else ARRIVED
        facts = {"amount": rules.money(amount), "left": rules.money(now.left)}
        said.setdefault(("fees.arrived", words.format(**facts)), []).append(briefs[pk].candidate_id)
    for c, amount in back:
        key = ("fees.surplus", BACK.format(amount=rules.money(amount)))
        said.setdefault(key, []).append(briefs[c.registration_id].candidate_id)
    for (kind, words), ids in said.items():
        tell_candidates(
            exam=exam,
            candidate_ids=ids,
            office_path=path_of(region_code),
            kind=kind,
            words=words,
            by=by,
            at=at,
        )


@write(None)
def release_lapsed(*, exam: Exam, region_codes: Iterable[str], by: Actor, at: datetime) -> int:
    """What arrived for registrations that were withdrawn, rejected unpaid or moved away is owed back. Returns how many."""
    released = 0
    for code in sorted(set(region_codes)):
        released += _release(exam, code, by, at)
    record(
        events.ADVANCES_RELEASED,
        by=by,
        at=at,
        subject="registrations",
        exam=exam.slug,
        rules=["V8.1", "V8.3"],
        data={"count": released},
    )
    return released


def _release(exam: Exam, region_code: str, by: Actor, at: datetime) -> int:
    lock_regions(exam, [region_code])
    path = path_of(region_code)
    system = Actor.system("fees")
    with acting(system):
        with connection.cursor() as cursor:
            rest = _lapsed(cursor, exam, path)
        if not rest:
            return 0
        briefs = registration.briefs(viewer=system, exam=exam, ids=list(rest))
        last = _last_sources(exam, list(rest), path)
        orders = Order.objects.in_bulk([c.order_id for c in last.values() if c.order_id is not None])
        back = [(_way_back(last[pk], amount, orders), amount) for pk, amount in rest.items()]
        owe(exam, path, briefs, back, "lapsed", by, at)
        _tell(exam, region_code, briefs, [], back, by, at)
    return len(rest)


def _way_back(last: Credit, amount: Decimal, orders: Mapping[int, Order]) -> Credit:
    """Online goes back no more than the order brought: what came partly by the bank goes to an account, whole."""
    order = orders.get(last.order_id) if last.order_id is not None else None
    return last if order is not None and order.paid >= amount else replace(last, order_id=None)


# The last advance of each: a further one after a release makes a further refund with a name of its own.
LAST = """
SELECT DISTINCT ON (a.registration_id) a.registration_id, a.source, a.paid_on FROM fees_advance a
WHERE a.registration_id = ANY(%s) AND a.office_path >= %s AND a.office_path < %s ORDER BY a.registration_id, a.id DESC
"""


def _last_sources(exam: Exam, ids: Sequence[int], path: str) -> dict[int, Credit]:
    with connection.cursor() as cursor:
        cursor.execute(LAST, [list(ids), path, path + "~"])
        found = {}
        for pk, source, paid_on in cursor.fetchall():
            order = int(source.partition(":")[2]) if source.startswith("order:") else None
            found[pk] = Credit(pk, Decimal(0), source, paid_on, order_id=order)
        return found


HOLDING = "SELECT DISTINCT substr(office_path, 2, 2) FROM fees_advance WHERE exam_id = %s"


def regions_with_lapsed(exam: Exam) -> list[str]:
    """Regions that still hold money of registrations that lapsed or moved away."""
    with acting(Actor.system("fees")), connection.cursor() as cursor:
        cursor.execute(HOLDING, [exam.pk])
        codes = [code for (code,) in cursor.fetchall()]
        return [code for code in codes if _lapsed(cursor, exam, path_of(code))]


def _lapsed(cursor: CursorWrapper, exam: Exam, path: str) -> dict[int, Decimal]:
    """Registration → what is still to be given back."""
    cursor.execute(LAPSED, {"exam": exam.pk, "path": path, "end": path + "~"})
    return {pk: amount for pk, amount in cursor.fetchall() if amount > 0}
