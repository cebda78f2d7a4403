"""Chapter 15, as far as attendance and violations go. Pure."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from keju.rulebook import Refusal, rule

VIOLATION_LENGTH = 300


@rule("V15.7")
def check_open(closed_at: datetime | None, reason: str = "") -> Iterator[Refusal]:
    """Marks are made while the room is open; afterwards only a correction with a reason."""
    if closed_at is not None and not reason.strip():
        yield Refusal("V15.7", "examday_room_closed", field="reason")


@rule("V15.4.1")
def check_known(tickets: Collection[str], expected: Collection[str]) -> Iterator[Refusal]:
    """Only candidates of this room are marked in it."""
    strangers = sorted(set(tickets) - set(expected))
    if strangers:
        yield Refusal("V15.4.1", "examday_not_of_this_room", {"tickets": "、".join(strangers[:5])})


@rule("V15.7")
def check_violations(marks: Mapping[str, tuple[bool, str]]) -> Iterator[Refusal]:
    """Who is absent cannot break the rules of the room; what is written about a violation is a note, not a report."""
    wrong = sorted(ticket for ticket, (present, violation) in marks.items() if violation and not present)
    if wrong:
        yield Refusal("V15.7", "examday_absent_violation", {"tickets": "、".join(wrong[:5])})
    if any(len(violation) > VIOLATION_LENGTH for _, violation in marks.values()):
        yield Refusal("V15.7", "examday_violation_long", {"limit": VIOLATION_LENGTH}, field="violation")


@rule("V15.5.1")
def check_ended(at: datetime, ends: datetime) -> Iterator[Refusal]:
    """Papers and cards are collected and counted at the end of the session, not before."""
    if at < ends:
        yield Refusal("V15.5.1", "examday_session_running", {"ends": ends})


@rule("V15.5.1")
def check_complete(expected: int, present: int, absent: int) -> Iterator[Refusal]:
    """Seats = present + absent: nobody is present or absent by default."""
    missing = expected - present - absent
    if missing:
        yield Refusal("V15.5.1", "examday_incomplete", {"missing": missing, "expected": expected})


@rule("V15.5.1")
def check_counted(expected: int, counted: int | None) -> Iterator[Refusal]:
    """The cards counted by hand, used and unused, are as many as the seats. None: counted elsewhere, on paper."""
    if counted is not None and counted != expected:
        facts = {"expected": expected, "counted": counted}
        yield Refusal("V15.5.1", "examday_count_differs", facts, field="counted")


@rule("V15.9.2")
def check_reportable(rooms: int, open_rooms: int) -> Iterator[Refusal]:
    """Absences are reported when every used room is closed in every session; an unopened room is not closed."""
    if not rooms:
        yield Refusal("V15.9.2", "examday_no_rooms")
    if open_rooms:
        yield Refusal("V15.9.2", "examday_rooms_open", {"rooms": open_rooms})


@rule("V15.8")
def check_recordable(closed_at: datetime | None) -> Iterator[Refusal]:
    """The room record is printed from a closed record: what is on paper does not grow afterwards."""
    if closed_at is None:
        yield Refusal("V15.8", "examday_record_open")


@rule("V15.3.3")
def check_day(today: date, exam_day: date) -> Iterator[Refusal]:
    """A room opens on the exam day, not before."""
    if today < exam_day:
        yield Refusal("V15.3.3", "examday_too_early", {"exam_day": exam_day})


@rule("V15.3.3")
def check_site_known(sites: Collection[str], in_use: Collection[str]) -> Iterator[Refusal]:
    """Only a site where somebody sits the exam is opened."""
    for site in sorted(set(sites) - set(in_use)):
        yield Refusal("V15.3.3", "examday_site_unused", {"site": site})


@rule("V15.3.3")
def check_sites_open(waiting: Collection[str], closed: Collection[str]) -> Iterator[Refusal]:
    """Room work begins at sites that were opened: refused where all that `waiting` rooms belong to are still closed."""
    if waiting and set(waiting) <= set(closed):
        yield Refusal("V15.3.3", "examday_site_closed", {"sites": "、".join(sorted(set(waiting)))})


@rule("V15.5.2")
def check_records_closed(open_rooms: Collection[int]) -> Iterator[Refusal]:
    """What comes back is counted against the room's record, which is closed: nobody writes it to fit the count."""
    if open_rooms:
        yield Refusal(
            "V15.5.2", "examday_record_not_closed", {"rooms": "、".join(str(n) for n in sorted(open_rooms))}
        )
