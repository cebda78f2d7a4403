"""Presence, absence, violations: each statement a further entry, the latest counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows, update_rows
from keju.rulebook import Refusal, enforce
from keju.stages.examday import events, queries, rules
from keju.stages.examday.models import RoomSession
from keju.stages.examday.services.rooms import locked
from keju.stages.tickets import queries as tickets

ENTRY = ["room_id", "office_path", "registration_id", "ticket", "present", "violation", "reason", "at", "by"]
Stated = dict[str, tuple[bool, str]]


@dataclass(frozen=True)
class SeatMark:
    """What an invigilator states about one seat."""

    ticket: str
    present: bool
    violation: str = ""


def record_marks(
    *, exam: Exam, room_session_id: int, marks: Sequence[SeatMark], reason: str = "", by: Actor, at: datetime
) -> None:
    """As `record_many`, for one room."""
    record_many(exam=exam, rooms={room_session_id: marks}, reason=reason, by=by, at=at)


@write("examday:room:record")
def record_many(
    *, exam: Exam, rooms: Mapping[int, Sequence[SeatMark]], reason: str = "", by: Actor, at: datetime
) -> None:
    """Each mark is a further entry and each room's counts follow; all of them or none.

    `rooms` maps room sessions to marks. A closed room takes marks only as a correction with a `reason`.
    """
    found = locked(exam, list(rooms), by)
    here = tickets.numbers_in(viewer=by, exam=exam, room_ids=[r.room_id for r in found])
    stated: dict[int, Stated] = {
        pk: {m.ticket: (m.present, m.violation.strip()) for m in marks} for pk, marks in rooms.items()
    }
    enforce(r for room in found for r in _refusals(room, stated[room.pk], here[room.room_id], reason))
    insert_rows(
        "examday_entry",
        ENTRY,
        (
            (
                room.pk,
                room.office_path,
                here[room.room_id][ticket],
                ticket,
                present,
                violation,
                reason.strip(),
                at,
                by.ref,
            )
            for room in found
            for ticket, (present, violation) in stated[room.pk].items()
        ),
    )
    _count(found)
    _record(exam, found, stated, reason.strip(), by, at)


@write("examday:room:record")
def mark_rest_present(*, exam: Exam, room_session_id: int, seen: int, by: Actor, at: datetime) -> None:
    """Everybody of the room who was not marked yet is present: said at once, by somebody who saw that they are `seen`.

    `Stale` if meanwhile others were marked, so that nobody is declared present unseen.
    """
    (room,) = locked(exam, [room_session_id], by)
    enforce(rules.check_open(room.closed_at))
    said = {a.ticket for a in queries.latest_of([room.pk])}
    here = tickets.numbers_in(viewer=by, exam=exam, room_ids=[room.room_id])[room.room_id]
    rest = [SeatMark(number, present=True) for number in here if number not in said]
    if len(rest) != seen or not rest:
        raise Stale
    record_many(exam=exam, rooms={room.pk: rest}, by=by, at=at)


def _refusals(room: RoomSession, stated: Stated, here: Mapping[str, int], reason: str) -> list[Refusal]:
    return [
        *rules.check_open(room.closed_at, reason),
        *rules.check_known(stated, here),
        *rules.check_violations(stated),
    ]


def _count(rooms: Sequence[RoomSession]) -> None:
    """The rooms' counts are those of the latest statements."""
    counts = {room.pk: [0, 0, 0] for room in rooms}
    for a in queries.latest_of(list(counts)):
        of_room = counts[a.room_session_id]
        of_room[0 if a.present else 1] += 1
        of_room[2] += bool(a.violation)
    update_rows(
        "examday_room",
        "id",
        ["present", "absent", "violations"],
        ((pk, *numbers) for pk, numbers in counts.items()),
    )


def _record(
    exam: Exam,
    rooms: Sequence[RoomSession],
    stated: Mapping[int, Stated],
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    marks = [mark for of_room in stated.values() for mark in of_room.items()]
    one = rooms[0] if len(rooms) == 1 else None
    data: dict[str, object] = {
        "rooms": len(rooms),
        "marks": len(marks),
        "absent": sum(not present for _, (present, _) in marks),
        "violations": sum(bool(violation) for _, (_, violation) in marks),
        "reason": reason,
    }
    if one:  # of one room the log says who; of many the entries themselves do
        data["absentees"] = sorted(ticket for ticket, (present, _) in marks if not present)
        data["violators"] = sorted(ticket for ticket, (_, violation) in marks if violation)
    record(
        events.MARKED,
        by=by,
        at=at,
        subject=f"room:{one.pk}" if one else "rooms",
        exam=exam.slug,
        office_path=one.office_path if one else None,
        rules=["V15.7"],
        data=data,
    )
