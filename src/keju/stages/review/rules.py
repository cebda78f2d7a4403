"""Chapter 5, second half: two reviews by two people, in the order that the rules prescribe. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from keju.rulebook import Refusal, rule

TICKS = ("complete", "true", "valid")
Ticks = tuple[bool, bool, bool]
"""A material is complete, true, valid."""


@dataclass(frozen=True)
class Desk:
    """What the counter did with a candidate, in the order of V5.3.2a: materials, fee, originals, result."""

    materials: Mapping[str, Ticks] = field(default_factory=dict)
    paying: bool = False
    paid: bool = False
    returned: bool = False
    passed: bool = False
    reason: str = ""


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


@rule("V5.3.2c")
def check_reason(desk: Desk) -> Iterator[Refusal]:
    """Who fails is told why."""
    if not desk.passed and not desk.reason.strip():
        yield Refusal("V5.3.2c", "review_reason", field="reason")


def check_first(desk: Desk, required: Iterable[str], doubted: bool) -> Iterator[Refusal]:
    """Everything that stands against setting this result, in the order of the counter; silence accepts it."""
    yield from check_materials(required, desk)
    yield from check_photo(doubted, desk)
    yield from check_order(desk)
    yield from check_reason(desk)


@rule("V5.3.3")
def check_summary(at: datetime, ends: datetime | None) -> Iterator[Refusal]:
    """The summary follows when all confirmations are over."""
    if ends is None:
        yield Refusal("V5.3.3", "review_confirmation_unknown")
    elif at < ends:
        yield Refusal("V5.3.3", "review_summary_early", {"ends": ends})


@rule("V5.4")
def check_second(reason: str, passed: bool) -> Iterator[Refusal]:
    """A fail at the second review says why."""
    if not passed and not reason.strip():
        yield Refusal("V5.4", "review_reason", field="reason")


@rule("V5.4")
def check_other_person(first_by: str, second_by: str) -> Iterator[Refusal]:
    """First and second review are done by two different people."""
    if first_by == second_by:
        yield Refusal("V5.4", "review_same_person")


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
