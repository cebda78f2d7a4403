"""Reading the day. Row-level security shows each office its own rooms."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.examday.models import RoomSession
from keju.stages.tickets import queries as tickets


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One seat of a room in a session: the ticket on it and what was said about it; `present` None: nothing yet."""

    ticket: str
    registration_id: int
    name: str
    seat: int
    photo_sha256: str
    present: bool | None
    violation: str


@dataclass(frozen=True)
class Attendance:
    """The latest statement about one candidate in one session."""

    registration_id: int
    ticket: str
    session_number: int
    present: bool
    violation: str


def rooms(
    *, viewer: Actor, exam: Exam, session_number: int | None = None, site_code: str = ""
) -> list[RoomSession]:
    """The viewer's rooms, by site, room and session."""
    found = RoomSession.objects.filter(exam=exam)
    if session_number is not None:
        found = found.filter(session_number=session_number)
    if site_code:
        found = found.filter(site_code=site_code)
    return list(found.order_by("site_code", "room_id", "session_number"))


def room(*, viewer: Actor, exam: Exam, room_session_id: int) -> RoomSession:
    """One room session in scope; `RoomSession.DoesNotExist` otherwise."""
    return RoomSession.objects.get(exam=exam, pk=room_session_id)


def seats(*, viewer: Actor, exam: Exam, room: RoomSession) -> list[SeatLine]:
    """Every seat of the room in order, with its latest statement."""
    said = {a.registration_id: a for a in latest_of(room)}
    lines = []
    for ticket in tickets.room_tickets(viewer=viewer, exam=exam, room_id=room.room_id):
        a = said.get(ticket.registration_id)
        lines.append(
            SeatLine(
                ticket.number,
                ticket.registration_id,
                ticket.name,
                ticket.seat,
                ticket.photo_sha256,
                a.present if a else None,
                a.violation if a else "",
            )
        )
    return lines


def attendance(*, viewer: Actor, exam: Exam, session_number: int) -> Iterator[Attendance]:
    """The latest statement about every candidate in the viewer's scope."""
    yield from _latest("r.exam_id = %s AND r.session_number = %s", [exam.pk, session_number])


def latest_of(room: RoomSession) -> list[Attendance]:
    """The latest statement about every candidate of one room in one session."""
    return _latest("e.room_id = %s", [room.pk])


def totals(*, viewer: Actor, exam: Exam) -> dict[int, dict[str, int]]:
    """Per session: expected, present, absent, violations, rooms, closed."""
    found: dict[int, dict[str, int]] = {}
    for row in (
        RoomSession.objects.filter(exam=exam)
        .values("session_number")
        .annotate(e=Sum("expected"), p=Sum("present"), a=Sum("absent"), v=Sum("violations"))
        .order_by("session_number")
    ):
        n = row["session_number"]
        of_session = RoomSession.objects.filter(exam=exam, session_number=n)
        found[n] = {
            "expected": row["e"],
            "present": row["p"],
            "absent": row["a"],
            "violations": row["v"],
            "rooms": of_session.count(),
            "closed": of_session.filter(closed_at__isnull=False).count(),
        }
    return found


def _latest(where: str, params: list[object]) -> list[Attendance]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (e.room_id, e.registration_id) e.registration_id, e.ticket, r.session_number, e.present,"
            f" e.violation FROM examday_entry e JOIN examday_room r ON r.id = e.room_id WHERE {where}"
            " ORDER BY e.room_id, e.registration_id, e.id DESC",
            params,
        )
        return [Attendance(*row) for row in cursor.fetchall()]
