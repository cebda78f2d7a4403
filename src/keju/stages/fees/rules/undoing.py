"""V8.1: a line that was explained wrongly is explained anew; what has left or was receipted meanwhile stays. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keju.rulebook import Refusal, rule
from keju.stages.fees.rules.amounts import money

NEVER = ("bounce",)
"""That a refund came back made it owed again at once; it may be on its way already."""


@dataclass(frozen=True)
class Held:
    """One registration's money in yuan: what came; of it taken as payment, in a batch that waits, and paid back."""

    came: Decimal = Decimal(0)
    used: Decimal = Decimal(0)
    listed: Decimal = Decimal(0)
    sent: Decimal = Decimal(0)

    @property
    def free(self) -> Decimal:
        """What can still be taken from it: refunds that only wait are cancelled for it."""
        return self.came - self.used - self.listed - self.sent


@rule("V8.1")
def check_undo(
    said_by: Iterable[str], undone_by: str, reason: str, kinds: Iterable[str], ended_on: date | None
) -> Iterator[Refusal]:
    """Another person than who said what the line was, with a reason, before the year's books are closed."""
    if ended_on is not None:
        yield Refusal("V8.1", "fees_undo_closed", {"day": ended_on})
    if undone_by in set(said_by):
        yield Refusal("V8.1", "fees_undo_same_person")
    if not reason.strip():
        yield Refusal("V8.1", "fees_line_reason", field="reason")
    if set(kinds) & set(NEVER):
        yield Refusal("V8.1", "fees_undo_bounce")


@rule("V8.1", "V8.3")
def check_undo_fee(amount: Decimal, held: Held, who: str, receipt: str) -> Iterator[Refusal]:
    """Money that was taken as payment against a receipt, or has gone back, cannot become somebody else's any more."""
    if amount <= held.free:
        return
    facts = {"who": who, "amount": money(amount)}
    if held.listed and amount <= held.free + held.listed:
        yield Refusal("V8.3", "fees_undo_listed", facts)
    elif held.sent:
        yield Refusal("V8.3", "fees_undo_refunded", facts)
    else:
        yield Refusal("V8.1", "fees_undo_receipted", {**facts, "receipt": receipt})


@rule("V8.3")
def check_undo_stray(amount: Decimal, *, listed: bool, sent: bool) -> Iterator[Refusal]:
    """A stranger's money that goes back, or has gone back, to its payer is not explained anew."""
    facts = {"who": "", "amount": money(amount)}
    if sent:
        yield Refusal("V8.3", "fees_undo_refunded", facts)
    elif listed:
        yield Refusal("V8.3", "fees_undo_listed", facts)
