"""Chapter 14: what people look at and answer for, when, and what stays open meanwhile. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from keju.rulebook import Refusal, rule
from keju.rulebook.model import CheckItem

State = Literal["done", "soon", "late", "none"]
"""Green, amber, red, and grey: its time has not come."""
MOST_PHOTOS = 6
"""Photos of one entry: what proves it, not an album."""


def eve(exam_day: date) -> date:
    """The day before the exam."""
    return exam_day - timedelta(days=1)


@rule("V14.4", "V14.7.4")
def check_day(item: CheckItem, settled: bool, on: date, exam_day: date | None) -> Iterator[Refusal]:
    """What belongs to the eve of the exam is not settled before: rooms are used again until then."""
    if item.by != "eve" or not settled or exam_day is None or on >= eve(exam_day):
        return
    yield Refusal(item.rule, "venues_check_early", {"day": eve(exam_day)}, field="settled")


@rule("V14.1", "V14.4", "V14.5", "V14.7.4")
def check_entry(
    item: CheckItem, rooms: Sequence[int], known: Collection[int], *, settled: bool, note: str, photos: int
) -> Iterator[Refusal]:
    """An entry names the rooms looked at where each is looked at, says what is wrong, and has few photos of one place."""
    if item.of == "room" and not rooms:
        yield Refusal(item.rule, "venues_check_no_room", field="rooms")
    for number in rooms if item.of == "room" else ():
        if number not in known:
            yield Refusal(item.rule, "venues_check_strange_room", {"room": number}, field="rooms")
    if not settled and not note.strip():
        yield Refusal(item.rule, "venues_check_no_note", field="note")
    if photos > MOST_PHOTOS:
        yield Refusal(item.rule, "venues_check_photos", {"most": MOST_PHOTOS}, field="photos")
    if photos and len(rooms) > 1:
        yield Refusal(item.rule, "venues_check_photo_rooms", field="photos")


@rule("V14.5")
def check_seen(
    items: Sequence[CheckItem], settled: Mapping[str, bool], enforced: Collection[str]
) -> Iterator[Refusal]:
    """A clause that is enforced (`enforced`, by id) refuses the report until its item of the report is settled.

    `settled`: item → how its last entry left it; an item without an entry is not there.
    """
    for item in items:
        if item.by == "report" and item.rule in enforced and not settled.get(item.code):
            yield Refusal(item.rule, "venues_unseen", {"what": item.words})


@rule("V14.1", "V14.4", "V14.7.4")
def standing(
    seen: Sequence[bool | None], *, opens: datetime | None, due: datetime | None, at: datetime
) -> State:
    """How an item stands: `seen` has one value a thing (the site, or each room), None where nobody has looked yet.

    Found wanting is red whatever the day; open is grey before `opens`, amber until `due`, red afterwards.
    """
    if False in seen:
        return "late"
    if seen and None not in seen:
        return "done"
    if not seen or (opens is not None and at < opens):
        return "none"
    return "late" if due is not None and at >= due else "soon"


@rule("P2.1", "V14.1")
def share(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal, half up; None of nothing."""
    if not whole:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def worst(states: Sequence[State]) -> State:
    """The colour of the whole: red before amber before green; grey only where there is nothing else."""
    order: tuple[State, ...] = ("late", "soon", "done", "none")
    return next((state for state in order if state in states), "none")
