"""The exam day over the API."""

from datetime import datetime

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.examday import queries, services
from keju.stages.examday.services import SeatMark

router = Router(tags=["examday"])


class RoomOut(Schema):
    id: int
    site_code: str
    room_number: int
    session_number: int
    expected: int
    present: int
    absent: int
    violations: int
    closed_at: datetime | None


class RoomSeatOut(Schema):
    ticket: str
    name: str
    seat: int
    present: bool | None
    violation: str


class MarkIn(Schema):
    ticket: str
    present: bool
    violation: str = ""


class MarksIn(Schema):
    marks: list[MarkIn]
    reason: str = ""


class TotalsOut(Schema):
    session_number: int
    rooms: int
    opened: int
    closed: int
    expected: int
    present: int
    absent: int
    violations: int


class CloseIn(Schema):
    counted: int


@router.get("/{exam}/totals", response=list[TotalsOut], operation_id="examday_totals")
@office_api("examday:room:read")
def totals(request: Request, exam: str) -> object:
    """Each session as it stands in one's rooms."""
    return queries.totals(viewer=actor(request), exam=request.exam)


@router.get("/{exam}/rooms", response=list[RoomOut], operation_id="examday_rooms")
@office_api("examday:room:read")
def rooms(request: Request, exam: str, session: int, site: str = "") -> object:
    """One's rooms of a session, by site and number."""
    return list(
        queries.rooms(viewer=actor(request), exam=request.exam, session_number=session, site_code=site)
    )


@router.get("/{exam}/rooms/{room_id}/seats", response=list[RoomSeatOut], operation_id="examday_seats")
@office_api("examday:room:read")
def seats(request: Request, exam: str, room_id: int) -> object:
    """The room's seats in order with what was said about them."""
    by = actor(request)
    room = queries.room(viewer=by, exam=request.exam, room_session_id=room_id)
    return queries.seats(viewer=by, exam=request.exam, room=room)


@router.post("/{exam}/rooms/{room_id}/marks", response={204: None}, operation_id="examday_mark")
@office_api("examday:room:record")
def mark(request: Request, exam: str, room_id: int, body: MarksIn) -> object:
    """State who is present, who is absent, who broke the rules; for a closed room with a reason."""
    services.record_marks(
        exam=request.exam,
        room_session_id=room_id,
        marks=[SeatMark(m.ticket, m.present, m.violation) for m in body.marks],
        reason=body.reason,
        by=actor(request),
        at=now(request.exam),
    )
    return None


@router.post("/{exam}/rooms/{room_id}/close", response={204: None}, operation_id="examday_close")
@office_api("examday:room:record")
def close(request: Request, exam: str, room_id: int, body: CloseIn) -> object:
    """Close the room's record with the cards counted."""
    services.close_rooms(
        exam=request.exam,
        room_session_ids=[room_id],
        counted=body.counted,
        by=actor(request),
        at=now(request.exam),
    )
    return None


@router.post("/{exam}/sites/{site}/open", response={204: None}, operation_id="examday_open_site")
@office_api("examday:room:record")
def open_site(request: Request, exam: str, site: str) -> object:
    """The exam may begin at the site; refused with what is missing while a clause that must hold is red."""
    services.open_sites(exam=request.exam, site_codes=[site], by=actor(request), at=now(request.exam))
    return None
