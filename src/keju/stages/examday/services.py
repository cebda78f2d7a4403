"""Opening rooms, marking presence and violations, closing with a count that adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.bulk import insert_rows
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.stages.examday import events, queries, rules
from keju.stages.examday.models import RoomSession
from keju.stages.tickets import queries as tickets

ENTRY = ["room_id", "office_path", "registration_id", "ticket", "present", "violation", "reason", "at", "by"]


@dataclass(frozen=True)
class SeatMark:
    """What an invigilator states about one seat."""

    ticket: str
    present: bool
    violation: str = ""


@write("examday:room:record")
def open_rooms(*, exam: Exam, session_number: int, by: Actor, at: datetime) -> int:
    """Every used room in the actor's scope is open for the session; rooms already open stay. Returns how many opened."""
    session = next(s for s in exams.sessions(exam) if s.number == session_number)
    enforce(rules.check_day(at.astimezone(CHINA).date(), session.starts_at.astimezone(CHINA).date()))
    known = {r.room_id for r in queries.rooms(viewer=by, exam=exam, session_number=session_number)}
    fresh = [r for r in tickets.rooms_in_use(viewer=by, exam=exam) if r.room_id not in known]
    RoomSession.objects.bulk_create(
        [
            RoomSession(
                exam=exam,
                office_path=r.office_path,
                site_code=r.site_code,
                room_id=r.room_id,
                room_name=r.room_name,
                session_number=session_number,
                expected=r.tickets,
                opened_at=at,
            )
            for r in fresh
        ],
        ignore_conflicts=True,
    )
    record(
        events.ROOMS_OPENED,
        by=by,
        at=at,
        subject=f"session:{session_number}",
        exam=exam.slug,
        rules=["V15.3.3"],
        data={"rooms": len(fresh)},
    )
    return len(fresh)


@write("examday:room:record")
def record_marks(
    *, exam: Exam, room_session_id: int, marks: Sequence[SeatMark], reason: str = "", by: Actor, at: datetime
) -> None:
    """Each mark is a further entry; the room's counts follow. A closed room takes a correction only with a reason."""
    room = RoomSession.objects.select_for_update().get(exam=exam, pk=room_session_id)
    if not reason:
        enforce(rules.check_open(room.closed_at))
    expected = {
        t.number: t.registration_id for t in tickets.room_tickets(viewer=by, exam=exam, room_id=room.room_id)
    }
    stated = {m.ticket: (m.present, m.violation.strip()) for m in marks}
    enforce([*rules.check_known(stated, expected), *rules.check_violation_present(stated)])
    _enter(room, stated, expected, reason, by, at)
    record(
        events.MARKED,
        by=by,
        at=at,
        subject=f"room:{room.pk}",
        exam=exam.slug,
        office_path=room.office_path,
        rules=["V15.7"],
        data={
            "marks": len(stated),
            "absent": sorted(ticket for ticket, (present, _) in stated.items() if not present),
            "violations": sorted(ticket for ticket, (_, violation) in stated.items() if violation),
            "reason": reason,
        },
    )


@write("examday:room:record")
def close_rooms(*, exam: Exam, room_session_ids: Sequence[int], by: Actor, at: datetime) -> None:
    """Each room's record is closed: everybody was marked present or absent (V15.5.1)."""
    rooms = list(RoomSession.objects.select_for_update().filter(exam=exam, pk__in=room_session_ids))
    if len(rooms) != len(set(room_session_ids)):
        raise RoomSession.DoesNotExist
    for room in rooms:
        enforce(rules.check_open(room.closed_at))
        enforce(rules.check_complete(room.expected, room.present, room.absent))
    RoomSession.objects.filter(pk__in=room_session_ids).update(closed_at=at, closed_by=by.ref)
    record(
        events.CLOSED,
        by=by,
        at=at,
        subject=f"room:{rooms[0].pk}" if len(rooms) == 1 else "rooms",
        exam=exam.slug,
        office_path=rooms[0].office_path if len(rooms) == 1 else None,
        rules=["V15.5.1"],
        data={
            "rooms": len(rooms),
            "absent": sum(r.absent for r in rooms),
            "violations": sum(r.violations for r in rooms),
        },
    )


@write("examday:report:send")
def report_absences(*, exam: Exam, by: Actor, at: datetime) -> dict[int, int]:
    """The absences of every session are reported up (V15.9.2). Returns absences per session."""
    totals = queries.totals(viewer=by, exam=exam)
    enforce(rules.check_reportable(sum(t["rooms"] - t["closed"] for t in totals.values())))
    duties.discharge(exam=exam, rule="V15.9.2", owner=by.office_code, evidence="examday", by=by, at=at)
    absences = {number: t["absent"] for number, t in totals.items()}
    record(
        events.ABSENCES_REPORTED,
        by=by,
        at=at,
        subject=f"office:{by.office_code}",
        exam=exam.slug,
        rules=["V15.9.2"],
        data={"absent": absences},
    )
    return absences


def _enter(
    room: RoomSession,
    stated: Mapping[str, tuple[bool, str]],
    expected: Mapping[str, int],
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    insert_rows(
        "examday_entry",
        ENTRY,
        (
            (room.pk, room.office_path, expected[ticket], ticket, present, violation, reason, at, by.ref)
            for ticket, (present, violation) in stated.items()
        ),
    )
    latest = queries.latest_of(room)
    RoomSession.objects.filter(pk=room.pk).update(
        present=sum(a.present for a in latest),
        absent=sum(not a.present for a in latest),
        violations=sum(bool(a.violation) for a in latest),
    )
