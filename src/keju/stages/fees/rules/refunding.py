"""V8.3: money goes back once, listed by one person and released by another; what the bank returns is owed again. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from keju.rulebook import Refusal, rule
from keju.stages.fees.rules.amounts import money

WAYS = ("bank", "gateway", "hand")
"""By the bank's batch file, by the gateway that took the money, or handed over at the office."""


@rule("V8.3")
def check_proposal(count: int, without_account: int) -> Iterator[Refusal]:
    """A batch has somebody in it; who gets money by the bank has named an account."""
    if not count:
        yield Refusal("V8.3", "fees_batch_empty", {"waiting": without_account})


@rule("V8.3")
def check_release(proposed_by: str, released_by: str, seen: str, digest: str) -> Iterator[Refusal]:
    """Another person releases the batch, and what was looked at is what is released."""
    if proposed_by == released_by:
        yield Refusal("V8.3", "fees_batch_same_person")
    if seen != digest:
        yield Refusal("V8.3", "fees_batch_changed")


@rule("V8.3")
def check_bounce(state: str) -> Iterator[Refusal]:
    """Only what was sent can come back, and only once."""
    if state != "sent":
        yield Refusal("V8.3", "fees_bounce_not_sent")


@rule("V8.3")
def check_account(holder: str, bank: str, number: str) -> Iterator[Refusal]:
    """Where the money goes: a holder, a bank, and a number that can be one."""
    digits = number.replace(" ", "").replace("-", "")
    if not holder.strip():
        yield Refusal("V8.3", "fees_account_holder", field="holder")
    if not bank.strip():
        yield Refusal("V8.3", "fees_account_bank", field="bank")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 30):
        yield Refusal("V8.3", "fees_account_number", field="number")
    elif len(digits) in (16, 19) and digits.startswith("62") and not _luhn(digits):
        yield Refusal("V8.3", "fees_account_digits", field="number")


def _luhn(digits: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def masked(number: str) -> str:
    """The last four digits."""
    return f"**** {number[-4:]}" if number else ""


def batch_digest_line(refund_id: int, amount: Decimal, way: str) -> str:
    """A refund as the digest of its batch sees it."""
    return f"{refund_id} {money(amount)} {way}"
