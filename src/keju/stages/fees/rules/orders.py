"""Paying online: what is believed of what the gateway says, in whatever order it says it. Pure.

A notice may come late, twice, out of order, contradict an earlier one, or be lost. One that is signed and says exactly what we
expect is believed; anything else only makes us ask. What the gateway answers when asked is believed. Paid is final.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from keju.rulebook import Refusal, rule
from keju.stages.fees.rules.paying import Owes

State = Literal["open", "paid", "closed"]
TRANSITIONS = {"open": {"pay": "paid", "close": "closed"}, "closed": {"pay": "paid"}, "paid": {}}
VALID_FOR = timedelta(minutes=30)
GRACE = timedelta(minutes=10)
"""How long after its end an order is still asked about before it is closed."""


@dataclass(frozen=True)
class Said:
    """What the gateway says about an order: "open", "paid" (how much, by which number of its own) or "failed"."""

    number: str
    state: str
    amount: Decimal = Decimal(0)
    gateway_ref: str = ""


@dataclass(frozen=True)
class Known:
    """An order as we know it."""

    state: State
    amount: Decimal
    gateway_ref: str
    paid: Decimal
    expires_at: datetime


@dataclass(frozen=True)
class Verdict:
    """What follows: "pay", "close", "ask" the gateway, or "leave"; `trouble` names what a person should look at."""

    act: Literal["pay", "close", "ask", "leave"]
    trouble: str = ""


@rule("V8.1")
def judge(known: Known, said: Said, *, asked: bool, at: datetime) -> Verdict:
    """What to do about one message; `asked`: it answers our question, so it is the gateway's last word."""
    if known.state == "paid":
        return _after_payment(known, said, asked)
    if said.state == "paid":
        if asked and said.amount > 0:
            return Verdict("pay", "" if said.amount == known.amount else "amount")
        return Verdict("pay" if said.amount == known.amount else "ask")
    if said.state == "failed":
        return Verdict("close" if asked and known.state == "open" else "leave" if asked else "ask")
    if asked and known.state == "open" and at > known.expires_at + GRACE:
        return Verdict("close")
    return Verdict("leave")


def _after_payment(known: Known, said: Said, asked: bool) -> Verdict:
    same = said.state == "paid" and said.amount == known.paid and said.gateway_ref == known.gateway_ref
    if same or said.state == "open":
        return Verdict("leave")  # repeated, or late
    if not asked:
        return Verdict("ask")
    return Verdict("leave", "contradiction")


@rule("V8.1")
def check_order(owes: Owes, state: str, open_orders: int, region: str) -> Iterator[Refusal]:
    """One pays online what is still owed, once, while the registration waits for its confirmation."""
    if owes.paid:
        yield Refusal("V8.1", "fees_paid_already")
    elif state != "submitted":
        yield Refusal("V8.1", "fees_not_payable")
    elif owes.price is None:
        yield Refusal("V8.1", "fees_tariff_missing", {"region": region})
    elif owes.covered:
        yield Refusal("V8.1", "fees_order_covered")
    elif open_orders:
        yield Refusal("V8.1", "fees_order_open")
