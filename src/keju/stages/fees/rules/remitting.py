"""V8.2a, V8.2b: national fees on their way to the centre, the gate that waits for them, the centre's receipt. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keju.algorithms.workdays import CHINA, Due
from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words, t
from keju.stages.fees.params import Params
from keju.stages.fees.rules.amounts import is_exact, money


@dataclass(frozen=True)
class Account:
    """A region's standing with the centre in yuan: national fees due, sent, arrived; `deadline` None if unknown."""

    due: Decimal
    sent: Decimal
    arrived: Decimal
    deadline: datetime | None


@rule("V8.2a")
def remittance_deadline(confirmation_ends: datetime, params: Params) -> datetime:
    """The last moment for the national fees to reach the centre."""
    return Due(params.remittance_months, "months", "after", "confirmation_ends").on(confirmation_ends)


@rule("V8.2a")
def check_remittance(amount: Decimal, account: Account) -> Iterator[Refusal]:
    """What is sent is an amount, and not more than is still owed."""
    if amount <= 0 or not is_exact(amount):
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
