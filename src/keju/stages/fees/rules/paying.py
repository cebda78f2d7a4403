"""V8.1, V5.3.2a: the tariff, what one registration owes, and taking it. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keju.rulebook import Refusal, rule
from keju.stages.fees.params import Params
from keju.stages.fees.rules.amounts import is_exact, money

METHODS = ("cash", "transfer", "prepaid")
"""At the counter; by a slip shown there; arrived before by transfer or online."""


@dataclass(frozen=True)
class Payment:
    """What a candidate hands over: cash, or a transfer proved by its bank reference. `amount` in yuan.

    "prepaid": the whole fee arrived before, by the region's bank or online; `amount` is then what arrived.
    """

    registration_id: int
    method: str
    amount: Decimal
    reference: str = ""


@dataclass(frozen=True, order=True)
class Price:
    """What a category costs in a region from a day on, by one version of the tariff."""

    starts_on: date
    version: int
    national: Decimal
    provincial: Decimal

    @property
    def total(self) -> Decimal:
        return self.national + self.provincial


@dataclass(frozen=True)
class Owes:
    """One registration: its price (None: no tariff), what of it has arrived before, and when it is "paid" for good."""

    price: Price | None
    arrived: Decimal = Decimal(0)
    paid: bool = False

    @property
    def left(self) -> Decimal:
        """What is still to be paid, in yuan; 0 where nothing is known or all is there."""
        if self.paid or self.price is None:
            return Decimal(0)
        return max(self.price.total - self.arrived, Decimal(0))

    @property
    def covered(self) -> bool:
        """The whole fee has arrived and waits for the confirmation."""
        return not self.paid and self.price is not None and self.arrived >= self.price.total


@rule("V8.1")
def national_fee(subjects: int, params: Params) -> Decimal:
    """The centre's part of one candidate's fee."""
    return Decimal(params.national_per_subject * subjects)


@rule("V8.1")
def check_tariff(provincial: Decimal, approval: str) -> Iterator[Refusal]:
    """A provincial fee is an exact amount and stands in a document that approves it."""
    if provincial < 0 or not is_exact(provincial):
        yield Refusal("V8.1", "fees_tariff_amount", field="provincial_fee")
    if not approval.strip():
        yield Refusal("V8.1", "fees_tariff_approval", field="approval")


@rule("V8.1")
def check_tariff_starts(starts_on: date, today: date, paid: int, known: Iterable[date]) -> Iterator[Refusal]:
    """Everybody who pays on one day pays the same: once somebody has paid, a change holds from a later day on."""
    if paid and starts_on <= today:
        yield Refusal("V8.1", "fees_tariff_in_use", {"paid": paid, "today": today}, field="starts_on")
    elif starts_on < today:
        yield Refusal("V8.1", "fees_tariff_past", {"today": today}, field="starts_on")
    later = [day for day in known if day > starts_on]
    if later:
        yield Refusal("V8.1", "fees_tariff_before", {"day": max(later)}, field="starts_on")


@rule("V8.1")
def price_on(prices: Iterable[Price], day: date) -> Price | None:
    """The price that holds on the day: the one that began last, of two that begin on one day the later version."""
    return max((p for p in prices if p.starts_on <= day), default=None)


@rule("V8.1")
def price_owed(prices: Sequence[Price], arrived: Iterable[tuple[date, Decimal]], day: date) -> Price | None:
    """Who had paid a price in full while it held owes that one for ever; anybody else what holds on the day."""
    total = Decimal(0)
    for when, amount in sorted(arrived):
        total += amount
        price = price_on(prices, when)
        if price is not None and total >= price.total:
            return price
    return price_on(prices, day)


@rule("V8.1", "V8.3")
def too_much(owes: Owes, state: str) -> Decimal:
    """What of the money that arrived is no fee: above the price, after payment, or of a registration that lapsed."""
    if owes.paid or state not in ("submitted", "confirmed"):
        return owes.arrived
    if owes.price is None:
        return Decimal(0)  # nobody can say yet
    return max(owes.arrived - owes.price.total, Decimal(0))


@rule("V8.1")
def check_charge(payment: Payment, owes: Owes, region: str) -> Iterator[Refusal]:
    """The candidate pays exactly the tariff of the region; what arrived before counts."""
    if owes.price is None:
        yield Refusal("V8.1", "fees_tariff_missing", {"region": region})
    elif owes.paid:
        return
    elif owes.covered:
        if payment.method != "prepaid":
            yield Refusal(
                "V8.1", "fees_arrived_already", {"arrived": money(owes.price.total)}, field="method"
            )
    elif payment.method == "prepaid":
        yield Refusal(
            "V8.1",
            "fees_not_arrived",
            {"arrived": money(owes.arrived), "left": money(owes.left)},
            field="method",
        )
    elif payment.amount != owes.left:
        facts = {"amount": money(payment.amount), "total": money(owes.left)}
        yield Refusal("V8.1", "fees_amount", facts, field="amount")


@rule("V5.3.2a")
def check_payment(payment: Payment, state: str, paid: bool) -> Iterator[Refusal]:
    """A fee is taken once, by a way the rules know, from a registration waiting for its confirmation."""
    if payment.method not in METHODS:
        yield Refusal("V5.3.2a", "fees_method", field="method")
    if payment.method == "transfer" and not payment.reference.strip():
        yield Refusal("V5.3.2a", "fees_transfer_reference", field="reference")
    if paid:
        yield Refusal("V5.3.2a", "fees_paid_already")
    elif state != "submitted":
        yield Refusal("V5.3.2a", "fees_not_payable")
