"""Paying online: an order, what the gateway says about it, asking it, and giving back (V8.1, V8.3).

Whatever comes in whatever order ends in the same books: an order is paid at most once, and what was paid is never without a
home, whatever has become of the registration meanwhile.
"""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import Kind, Order, OrderNews, RefundItem
from keju.stages.fees.rules import Said
from keju.stages.fees.rules.orders import VALID_FOR
from keju.stages.fees.services.advances import Credit, credit
from keju.stages.fees.services.bouncing import record_bounce
from keju.stages.fees.services.gateway import BadSignature, Gateway, GatewayDown
from keju.stages.fees.services.ledger import Draft, lock_regions, post
from keju.stages.registration import queries as registration

log = logging.getLogger(__name__)
GATEWAY = Actor.system("gateway")
AGAIN = timedelta(minutes=2)
"""How long before an open order is asked about again."""


@write("fees:own:pay")
def open_order(*, exam: Exam, by: Actor, at: datetime) -> Order:
    """The candidate has an order over what is still owed; one that is open already is that one.

    RuleRefused if nothing is owed or the registration cannot be paid any more.
    """
    mine = registration.own(viewer=by, exam=exam)
    if mine is None:
        raise NotPermitted(hidden=True)
    known = Order.objects.filter(exam=exam, registration=mine, state="open").first()
    if known is not None and at < known.expires_at:
        _record(events.ORDER_OPENED, exam, known, by, at, again=True)
        return known
    region = mine.point_code[:2]
    brief = registration.briefs(viewer=by, exam=exam, ids=[mine.pk])[mine.pk]
    now = queries.owes(exam, {mine.pk: brief}, at)[mine.pk]
    enforce(rules.check_order(now, mine.state, 1 if known else 0, region))
    try:
        with transaction.atomic():
            order = Order.objects.create(
                exam=exam,
                registration=mine,
                candidate_id=mine.candidate_id,
                office_path=path_of(region),
                number=f"{exam.year}{region}{secrets.token_hex(10).upper()}",
                amount=now.left,
                made_at=at,
                expires_at=at + VALID_FOR,
            )
    except IntegrityError as error:
        raise Stale from error
    _record(events.ORDER_OPENED, exam, order, by, at)
    return order


def address_of(order: Order, gateway: Gateway, *, title: str, back: str) -> str:
    """Where the candidate pays the order. `GatewayDown` if the gateway does not answer: nothing is lost, ask again."""
    return gateway.create(order.number, order.amount, title, back)


def take_notice(*, gateway: Gateway, body: bytes, signature: str, at: datetime) -> str:
    """A notice was heard; returns what followed ("pay", "leave" …). If it is not what we expect, the gateway is asked.

    `BadSignature` for one that is not the gateway's, and for an order that is not ours.
    """
    said = gateway.read(body, signature)
    with acting(GATEWAY):
        order = Order.objects.select_related("exam").filter(number=said.number).first()
        if order is None:
            raise BadSignature
        act = hear(exam=order.exam, order_id=order.pk, said=said, asked=False, by=GATEWAY, at=at)
        if act != "ask":
            return act
        try:
            answer = gateway.query(order.number)
        except GatewayDown:
            return "ask"  # the clockwork asks again
        return hear(exam=order.exam, order_id=order.pk, said=answer, asked=True, by=GATEWAY, at=at)


@write(None)
def hear(*, exam: Exam, order_id: int, said: Said, asked: bool, by: Actor, at: datetime) -> str:
    """What the gateway said has its consequence, once; returns it. `asked`: it answers our question."""
    found = Order.objects.get(exam=exam, pk=order_id)
    lock_regions(exam, [found.office_path[1:3]])
    order = Order.objects.select_for_update().get(pk=order_id)
    known = rules.Known(order.state, order.amount, order.gateway_ref, order.paid, order.expires_at)
    verdict = rules.judge(known, said, asked=asked, at=at)
    _keep(order, said, asked, verdict.act, at)
    if asked:
        order.asked_at = at
    if verdict.trouble:
        order.trouble = verdict.trouble
    if verdict.act == "pay":
        order.state, order.paid, order.gateway_ref, order.paid_at = "paid", said.amount, said.gateway_ref, at
    elif verdict.act == "close":
        order.state, order.closed_at = "closed", at
    order.save(update_fields=["state", "paid", "gateway_ref", "paid_at", "closed_at", "asked_at", "trouble"])
    if verdict.act == "pay":
        _book(exam, order, by, at)
    _record(
        events.ORDER_HEARD,
        exam,
        order,
        by,
        at,
        said=said.state,
        asked=asked,
        act=verdict.act,
        trouble=verdict.trouble,
    )
    return verdict.act


def open_orders(exam: Exam, at: datetime, limit: int = 500) -> list[tuple[int, str]]:
    """(id, number) of orders that wait for an answer: open ones, and those closed a short time ago."""
    with acting(GATEWAY):
        found = Order.objects.filter(exam=exam, state="open").exclude(asked_at__gt=at - AGAIN)
        rows = list(found.order_by("made_at").values_list("pk", "number")[:limit])
        lately = Order.objects.filter(exam=exam, state="closed", closed_at__gt=at - timedelta(days=2))
        rows += lately.exclude(asked_at__gt=at - timedelta(hours=1)).values_list("pk", "number")[:limit]
    return rows


def ask_all(*, exam: Exam, gateway: Gateway, at: datetime) -> dict[str, int]:
    """Every order that waits was asked about, each in its own transaction; returns what followed, counted."""
    counts: dict[str, int] = {}
    for pk, number in open_orders(exam, at):
        try:
            answer = gateway.query(number)
        except GatewayDown:
            counts["down"] = counts.get("down", 0) + 1
            if counts["down"] > 3:
                break
            continue
        try:
            with acting(GATEWAY):
                act = hear(exam=exam, order_id=pk, said=answer, asked=True, by=GATEWAY, at=at)
        except IntegrityError:
            # Of an answer that cannot be (another order's number, say) nothing is kept; the others are asked all the same.
            log.exception("answer about order %s", number)
            act = "failed"
        counts[act] = counts.get(act, 0) + 1
    return counts


def give_back(*, exam: Exam, batch_id: int, gateway: Gateway, by: Actor, at: datetime) -> dict[str, int]:
    """Each refund of a released batch went to the gateway, once by its number; one it refuses is owed again."""
    counts = {"accepted": 0, "refused": 0, "down": 0}
    with acting(GATEWAY):
        rows: Sequence[tuple[int, str, Decimal]] = list(
            RefundItem.objects.filter(
                exam=exam, batch_id=batch_id, batch__way="gateway", batch__state="released", state="sent"
            )
            .order_by("pk")
            .values_list("pk", "refund__order__number", "amount")
        )
    for pk, number, amount in rows:
        try:
            accepted = gateway.refund(number, rules.reference(pk, rules.REFUND), amount)
        except GatewayDown:
            counts["down"] += 1
            continue
        counts["accepted" if accepted else "refused"] += 1
        if not accepted:
            with acting(GATEWAY):
                record_bounce(exam=exam, item_id=pk, reason="支付平台拒绝退款", by=GATEWAY, at=at)
    return counts


def _keep(order: Order, said: Said, asked: bool, act: str, at: datetime) -> None:
    """Each different message once, in the order in which they came."""
    OrderNews.objects.bulk_create(
        [
            OrderNews(
                order=order,
                exam_id=order.exam_id,
                office_path=order.office_path,
                way="answer" if asked else "notice",
                said=said.state,
                amount=said.amount,
                gateway_ref=said.gateway_ref,
                act=act,
                at=at,
            )
        ],
        ignore_conflicts=True,
    )


def _book(exam: Exam, order: Order, by: Actor, at: datetime) -> None:
    """The gateway owes the region the money, and the region the candidate the examination, or the money back."""
    source = f"order:{order.pk}"
    draft = Draft(Kind.ONLINE, order.office_path, order.registration_id, rules.online(order.paid), source)
    post(exam, [draft], by, at)
    day = order.made_at.astimezone(CHINA).date()
    came = Credit(order.registration_id, order.paid, source, day, order_id=order.pk)
    credit(exam, order.office_path[1:3], [came], by, at)


def _record(kind: str, exam: Exam, order: Order, by: Actor, at: datetime, **data: object) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"order:{order.number}",
        exam=exam.slug,
        office_path=order.office_path,
        rules=["V8.1"],
        data={"amount": order.amount, "state": order.state, **data},
    )
