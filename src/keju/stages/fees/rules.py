"""Chapter 8 and V5.1.2: what is owed, to whom, until when. Pure. Amounts are yuan as Decimal, two places."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keju.algorithms.workdays import CHINA, Due
from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words, t
from keju.stages.fees.params import Params

CENT = Decimal("0.01")
METHODS = ("cash", "transfer")
Line = tuple[str, Decimal]
"""An account and what is posted to it: debit positive, credit negative."""


@dataclass(frozen=True)
class Payment:
    """What a candidate hands over: cash, or a transfer proved by its bank reference. `amount` in yuan."""

    registration_id: int
    method: str
    amount: Decimal
    reference: str = ""


@dataclass(frozen=True)
class Account:
    """A region's standing with the centre in yuan: national fees due, sent, arrived; `deadline` None if unknown."""

    due: Decimal
    sent: Decimal
    arrived: Decimal
    deadline: datetime | None


@rule("V8.1")
def national_fee(subjects: int, params: Params) -> Decimal:
    """The centre's part of one candidate's fee."""
    return Decimal(params.national_per_subject * subjects)


@rule("V8.1")
def check_tariff(provincial: Decimal, approval: str) -> Iterator[Refusal]:
    """A provincial fee is an exact amount and stands in a document that approves it."""
    if provincial < 0 or provincial != provincial.quantize(CENT):
        yield Refusal("V8.1", "fees_tariff_amount", field="provincial_fee")
    if not approval.strip():
        yield Refusal("V8.1", "fees_tariff_approval", field="approval")


@rule("V8.1")
def check_tariff_unused(paid: int) -> Iterator[Refusal]:
    """Everybody in a region pays the same: once somebody has paid, the tariff stands."""
    if paid:
        yield Refusal("V8.1", "fees_tariff_in_use", {"paid": paid})


@rule("V8.1")
def check_charge(payment: Payment, total: Decimal | None, region: str) -> Iterator[Refusal]:
    """The candidate pays exactly the tariff of the region."""
    if total is None:
        yield Refusal("V8.1", "fees_tariff_missing", {"region": region})
    elif payment.amount != total:
        yield Refusal(
            "V8.1", "fees_amount", {"amount": money(payment.amount), "total": money(total)}, field="amount"
        )


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


@rule("V5.1.2")
def check_range(first: int, last: int, known: Iterable[tuple[int, int]]) -> Iterator[Refusal]:
    """Numbers of receipts run upwards and belong to one range only."""
    if not 0 < first <= last:
        yield Refusal("V5.1.2", "fees_range_empty", field="last")
        return
    for other_first, other_last in known:
        if first <= other_last and other_first <= last:
            yield Refusal(
                "V5.1.2", "fees_range_overlap", {"first": other_first, "last": other_last}, field="first"
            )


@rule("V5.1.2")
def check_receipts(wanted: int, left: int, region: str) -> Iterator[Refusal]:
    """Each payment takes the next number of a registered range; none is invented."""
    if left < wanted:
        yield Refusal("V5.1.2", "fees_receipts_used_up", {"left": left, "wanted": wanted, "region": region})


@rule("V5.1.2")
def receipt_flaws(first: int, following: int, used: Sequence[int]) -> tuple[list[int], list[int]]:
    """(missing, doubled) numbers of a range whose next number is `following`; both empty when all is well."""
    times = Counter(used)
    return [n for n in range(first, following) if n not in times], sorted(n for n in times if times[n] > 1)


@rule("V8.2a")
def remittance_deadline(confirmation_ends: datetime, params: Params) -> datetime:
    """The last moment for the national fees to reach the centre."""
    return Due(params.remittance_months, "months", "after", "confirmation_ends").on(confirmation_ends)


@rule("V8.2a")
def check_remittance(amount: Decimal, account: Account) -> Iterator[Refusal]:
    """What is sent is an amount, and not more than is still owed."""
    if amount <= 0 or amount != amount.quantize(CENT):
        yield Refusal("V8.2a", "fees_remit_amount", field="amount")
    elif account.sent + amount > account.due:
        yield Refusal(
            "V8.2a",
            "fees_remit_above_due",
            {"amount": money(amount), "due": money(account.due), "sent": money(account.sent)},
            field="amount",
        )


@rule("V8.2a")
def in_default(account: Account, at: datetime) -> bool:
    """Past the deadline, with less at the centre than is due."""
    return account.deadline is not None and at > account.deadline and account.arrived < account.due


@rule("V8.2a")
def why_in_default(account: Account) -> Words:
    """What region and centre are told about it."""
    return t(
        "考务费应缴{due}元，期限{deadline}；已上缴{sent}元，中心已确认到账{arrived}元。",
        "National fees of {due} yuan were due by {deadline}; {sent} sent, {arrived} arrived at the centre.",
    ).format(
        due=money(account.due),
        sent=money(account.sent),
        arrived=money(account.arrived),
        deadline=account.deadline.astimezone(CHINA).date() if account.deadline else None,
    )


@rule("V8.2b")
def check_fiscal_receipt(number: str, total: Decimal) -> Iterator[Refusal]:
    """A receipt has a number and money behind it that has none yet."""
    if not number.strip():
        yield Refusal("V8.2b", "fees_fiscal_number", field="number")
    if total <= 0:
        yield Refusal("V8.2b", "fees_fiscal_nothing")


def charge(national: Decimal, provincial: Decimal) -> list[Line]:
    """The candidate owes the fee; part of it belongs to the centre."""
    return _lines(
        ("receivable", national + provincial), ("national_payable", -national), ("provincial", -provincial)
    )


def payment(method: str, amount: Decimal) -> list[Line]:
    """The candidate has paid at the point, or to the region's bank."""
    return _lines(("cash" if method == "cash" else "bank", amount), ("receivable", -amount))


def banked(amount: Decimal) -> list[Line]:
    """A point's cash is in the region's bank."""
    return _lines(("bank", amount), ("cash", -amount))


def remittance(amount: Decimal) -> list[Line]:
    """The region has sent money to the centre."""
    return _lines(("in_transit", amount), ("bank", -amount))


def arrival(amount: Decimal) -> list[Line]:
    """It has arrived, and the region owes that much less."""
    return _lines(
        ("centre_bank", amount),
        ("in_transit", -amount),
        ("national_payable", amount),
        ("national", -amount),
    )


@rule("V8.3")
def refund_owed(national: Decimal, provincial: Decimal) -> list[Line]:
    """A candidate who failed review gets everything back; the region no longer owes the national part."""
    return _lines(
        ("national_payable", national), ("provincial", provincial), ("refund_payable", -national - provincial)
    )


@rule("V8.3")
def refund(amount: Decimal) -> list[Line]:
    """The candidate has the money back."""
    return _lines(("refund_payable", amount), ("bank", -amount))


@rule("V8.3")
def check_refund(listed: bool, paid: bool) -> Iterator[Refusal]:
    """Only who is on the refund list gets a refund, and only once."""
    if not listed:
        yield Refusal("V8.3", "fees_refund_not_listed")
    elif paid:
        yield Refusal("V8.3", "fees_refund_paid")


def money(amount: Decimal) -> str:
    """80 → "80.00"."""
    return f"{amount:.2f}"


def balances(lines: Iterable[Line]) -> Mapping[str, Decimal]:
    """The sum per account."""
    found: dict[str, Decimal] = {}
    for account, amount in lines:
        found[account] = found.get(account, Decimal(0)) + amount
    return found


def _lines(*lines: Line) -> list[Line]:
    """Nothing is posted to an account that does not change."""
    return [(account, amount) for account, amount in lines if amount]
