"""Chapter 15, as far as attendance and violations go. Pure."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from keju.rulebook import Refusal, rule


@rule("V15.7")
def check_open(closed_at: datetime | None) -> Iterator[Refusal]:
    """Marks are made while the room is open; afterwards only a correction with a reason."""
    if closed_at is not None:
        yield Refusal("V15.7", "examday_room_closed")


@rule("V15.4.1")
def check_known(tickets: Collection[str], expected: Mapping[str, int]) -> Iterator[Refusal]:
    """Only candidates of this room are marked in it."""
    strangers = sorted(set(tickets) - set(expected))
    if strangers:
        yield Refusal("V15.4.1", "examday_not_of_this_room", {"tickets": "、".join(strangers[:5])})


@rule("V15.7")
def check_violation_present(marks: Mapping[str, tuple[bool, str]]) -> Iterator[Refusal]:
    """Who is absent cannot break the rules of the room."""
    wrong = sorted(ticket for ticket, (present, violation) in marks.items() if violation and not present)
    if wrong:
        yield Refusal("V15.7", "examday_absent_violation", {"tickets": "、".join(wrong[:5])})


@rule("V15.5.1")
def check_complete(expected: int, present: int, absent: int) -> Iterator[Refusal]:
    """Seats = present + absent: nobody is present or absent by default."""
    missing = expected - present - absent
    if missing:
        yield Refusal("V15.5.1", "examday_incomplete", {"missing": missing, "expected": expected})


@rule("V15.9.2")
def check_reportable(open_rooms: int) -> Iterator[Refusal]:
    """Absences are reported when every room of the session is closed."""
    if open_rooms:
        yield Refusal("V15.9.2", "examday_rooms_open", {"rooms": open_rooms})


@rule("V15.3.3")
def check_day(today: date, exam_day: date) -> Iterator[Refusal]:
    """A room opens on the exam day, not before."""
    if today < exam_day:
        yield Refusal("V15.3.3", "examday_too_early", {"exam_day": exam_day})
