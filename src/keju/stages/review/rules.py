"""Chapter 5, second half: two reviews by two people, in the order that the rules prescribe. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from keju.rulebook import Refusal, rule

TICKS = ("complete", "true", "valid")
CONTACT = frozenset({"phone", "email", "address", "employer"})
"""What stands on no ticket and decides nothing."""
IDENTITY = CONTACT | {"name"}
"""What the region's review does not turn on; the rest is what makes somebody eligible, and for which paper."""
Ticks = tuple[bool, bool, bool]
"""A material is complete, true, valid."""


@dataclass(frozen=True)
class Desk:
    """What the counter did with a candidate, in the order of V5.3.2a: materials, fee, originals, result."""

    materials: Mapping[str, Ticks] = field(default_factory=dict)
    paying: bool = False
    paid: bool = False
    returned: bool = False
    signed: bool = False
    passed: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Form:
    """How the registration form of the present version stands: whether a print for checking and the copies to sign hold,
    whether any was ever printed, and whether the candidate registered on paper (then that is what they sign)."""

    checked: bool = False
    copies: bool = False
    ever: bool = False
    on_paper: bool = False

    @property
    def printed(self) -> bool:
        """Everything that is to be printed holds."""
        return self.checked and self.copies

    @property
    def kind(self) -> str:
        """What is signed: our print, the paper of the registration, or nothing yet."""
        return "printed" if self.printed else "paper" if self.on_paper and not self.ever else ""


@rule("V5.3.2c")
def check_confirmation_open(at: datetime, opens: datetime | None, ends: datetime | None) -> Iterator[Refusal]:
    """Confirmation happens in its period."""
    if opens is None or ends is None:
        yield Refusal("V5.3.2c", "review_confirmation_unknown")
    elif at < opens:
        yield Refusal("V5.3.2c", "review_confirmation_early", {"opens": opens})
    elif at >= ends:
        yield Refusal("V5.3.2c", "review_confirmation_over", {"ends": ends})


@rule("V5.3.1a", "V5.3.1b")
def check_materials(required: Iterable[str], desk: Desk) -> Iterator[Refusal]:
    """A pass needs every tick of every material that identity and route ask for."""
    missing = [code for code in required if not all(desk.materials.get(code, (False,) * 3))]
    if desk.passed and missing:
        yield Refusal("V5.3.1a", "review_materials", {"missing": missing}, field="materials")


@rule("V5.2.2")
def check_photo(doubted: bool, desk: Desk) -> Iterator[Refusal]:
    """A photo that the checker doubts passes only when a person has looked and accepted it."""
    if desk.passed and doubted:
        yield Refusal("V5.2.2", "review_photo", field="photo")


@rule("V5.3.2a")
def check_order(desk: Desk) -> Iterator[Refusal]:
    """Materials, then the fee from who is eligible, then the originals back, then the result."""
    if desk.paying and not desk.passed:
        yield Refusal("V5.3.2a", "review_fee_of_failed", field="method")
    if desk.passed and not (desk.paying or desk.paid):
        yield Refusal("V5.3.2a", "review_fee_missing", field="method")
    if not desk.returned:
        yield Refusal("V5.3.2a", "review_originals", field="returned")


@rule("V5.3.2b")
def check_copies(form: Form) -> Iterator[Refusal]:
    """The copies to sign are printed once the candidate has a first print of the same version to check."""
    if not form.checked:
        yield Refusal("V5.3.2b", "review_form_unchecked")


@rule("V5.3.2b")
def check_form(form: Form, signed: bool) -> Iterator[Refusal]:
    """Passed is who signed the form as the data now stand: printed for checking, then in the copies to sign."""
    if not form.kind:
        yield Refusal("V5.3.2b", "review_form_void" if form.ever else "review_form_unprinted", field="signed")
    if not signed:
        yield Refusal("V5.3.2b", "review_form_unsigned", field="signed")


@rule("V5.3.2c")
def check_reason(desk: Desk) -> Iterator[Refusal]:
    """Who fails is told why."""
    if not desk.passed and not desk.reason.strip():
        yield Refusal("V5.3.2c", "review_reason", field="reason")


def check_first(desk: Desk, required: Iterable[str], doubted: bool, form: Form) -> Iterator[Refusal]:
    """Everything that stands against setting this result, in the order of the counter; silence accepts it."""
    yield from check_materials(required, desk)
    yield from check_photo(doubted, desk)
    yield from check_order(desk)
    if desk.passed:
        yield from check_form(form, desk.signed)
    yield from check_reason(desk)


@rule("V5.3.2b")
def check_change(changes: Mapping[str, tuple[str, str]], reason: str) -> Iterator[Refusal]:
    """A change of the data changes something, and says why. `changes`: field → (old, new)."""
    if not changes:
        yield Refusal("V5.3.2b", "review_change_nothing")
    if not reason.strip():
        yield Refusal("V5.3.2b", "review_change_reason", field="reason")


@rule("V5.3.1b")
def check_same_route(changes: Mapping[str, tuple[str, str]]) -> Iterator[Refusal]:
    """Another route asks for other materials: those were never checked, so no correction leads there."""
    if "route" in changes:
        yield Refusal("V5.3.1b", "review_correction_route", field="route")


@rule("V8.1")
def check_same_fee(before: Decimal, after: Decimal) -> Iterator[Refusal]:
    """What was paid stays what is owed."""
    if before != after:
        yield Refusal("V8.1", "review_correction_fee", {"before": before, "after": after}, field="category")


@rule("V5.4")
def check_undecided(fields: Iterable[str], decided: bool) -> Iterator[Refusal]:
    """What the region decided upon is not changed behind its decision."""
    if decided and not set(fields) <= IDENTITY:
        yield Refusal("V5.4", "review_correction_decided")


@rule("V7.1")
def check_unnumbered(fields: Iterable[str], numbered: bool) -> Iterator[Refusal]:
    """Once the region's tickets are generated, only what stands on no ticket may still be corrected."""
    if numbered and not set(fields) <= CONTACT:
        yield Refusal("V7.1", "review_correction_numbered")


@rule("V5.3.2b")
def check_approver(asked_by: str, decided_by: str) -> Iterator[Refusal]:
    """Who asked for a correction does not decide it."""
    if asked_by == decided_by:
        yield Refusal("V5.3.2b", "review_correction_same_person")


@rule("V5.3.2b")
def check_answer(answer: str) -> Iterator[Refusal]:
    """Who refuses a correction says why."""
    if not answer.strip():
        yield Refusal("V5.3.2b", "review_correction_answer", field="answer")


@rule("V5.3.3")
def check_summary(at: datetime, ends: datetime | None) -> Iterator[Refusal]:
    """The summary follows when all confirmations are over."""
    if ends is None:
        yield Refusal("V5.3.3", "review_confirmation_unknown")
    elif at < ends:
        yield Refusal("V5.3.3", "review_summary_early", {"ends": ends})


@rule("V5.3.3")
def check_parcel(contents: Mapping[str, int], carrier: str, kept: bool) -> Iterator[Refusal]:
    """Something is packed, somebody carries it, and one set stays at the point."""
    if contents.get("packets", 0) < 1 or any(count < 0 for count in contents.values()):
        yield Refusal("V5.3.3", "review_parcel_packets", field="packets")
    if not carrier.strip():
        yield Refusal("V5.3.3", "review_parcel_carrier", field="carrier")
    if not kept:
        yield Refusal("V5.3.3", "review_parcel_kept", field="kept")


@rule("V5.3.3")
def check_receipt(
    contents: Mapping[str, int], found: Mapping[str, int], seal_whole: bool | None, remark: str
) -> Iterator[Refusal]:
    """Everything is counted; what differs, or a broken seal, is put into words."""
    if set(found) != set(contents) or any(count < 0 for count in found.values()):
        yield Refusal("V5.3.3", "review_receipt_uncounted")
    elif (dict(found) != dict(contents) or seal_whole is False) and not remark.strip():
        yield Refusal("V5.3.3", "review_receipt_difference", field="remark")


@rule("V5.4")
def check_second(reason: str, passed: bool, signed: bool) -> Iterator[Refusal]:
    """The opinion is signed on the form; a fail at the second review says why."""
    if not signed:
        yield Refusal("V5.4", "review_opinion_unsigned", field="signed")
    if not passed and not reason.strip():
        yield Refusal("V5.4", "review_reason", field="reason")


@rule("V5.3.2b")
def check_corrected(asked: bool, unsigned: bool) -> Iterator[Refusal]:
    """The region passes data that stand: no correction waits for a decision or for the candidate's signature."""
    if asked:
        yield Refusal("V5.3.2b", "review_second_asked")
    if unsigned:
        yield Refusal("V5.3.2b", "review_second_unsigned")


@rule("V5.4")
def check_other_person(first_by: str, second_by: str) -> Iterator[Refusal]:
    """First and second review are done by two different people."""
    if first_by == second_by:
        yield Refusal("V5.4", "review_same_person")


@rule("V5.4")
def check_somebody(shown: int) -> Iterator[Refusal]:
    """A bulk pass is about somebody."""
    if not shown:
        yield Refusal("V5.4", "review_nothing_open")


@rule("V5.4")
def check_batch(at: datetime, ends: datetime | None, confirmed: int, decided: int) -> Iterator[Refusal]:
    """The results are set together, after confirmation is over and everybody confirmed has a decision."""
    if ends is None or at < ends:
        yield Refusal("V5.4", "review_batch_early", {"ends": ends})
    if decided < confirmed:
        yield Refusal("V5.4", "review_batch_undecided", {"open": confirmed - decided, "confirmed": confirmed})


@rule("V5.4")
def check_batch_open(batch_set: bool) -> Iterator[Refusal]:
    """Once the results are set, decisions stand."""
    if batch_set:
        yield Refusal("V5.4", "review_batch_closed")
