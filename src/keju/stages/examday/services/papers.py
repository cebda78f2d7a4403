"""The room record on paper, each of its two copies in the print ledger."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.rulebook.words import current_language, t
from keju.stages.examday import events, queries, rules
from keju.stages.examday.documents import COPIES, RecordHead, RecordLine, room_record
from keju.stages.examday.models import RoomSession
from keju.stages.venues import queries as venues

__all__ = ["COPIES", "print_record"]
CLOCK = "%Y-%m-%d %H:%M"


@write("examday:room:record")
def print_record(*, exam: Exam, room_session_id: int, copy: str, by: Actor, at: datetime) -> Printed:
    """The record of a closed room, as the copy for the card bag ("bag") or for the paper bag ("papers").

    Each print is a row of the ledger under `room:<id>:<copy>`, so that what was printed for which way stands there.
    """
    if copy not in COPIES:
        raise RoomSession.DoesNotExist
    room = queries.room(viewer=by, exam=exam, room_session_id=room_session_id)
    enforce(rules.check_recordable(room.closed_at))
    printed = print_document(
        kind="room_record",
        template="examday/room_record",
        data=_data(exam, room, copy, by),
        exam=exam,
        subject=f"room:{room.pk}:{copy}",
        office_path=room.office_path,
        language=current_language(),
        by=by,
        at=at,
    )
    record(
        events.RECORD_PRINTED,
        by=by,
        at=at,
        subject=f"room:{room.pk}",
        exam=exam.slug,
        office_path=room.office_path,
        rules=["V15.8"],
        data={"copy": copy, "number": printed.record.copy},
    )
    return printed


def _data(exam: Exam, room: RoomSession, copy: str, by: Actor) -> dict[str, object]:
    session = Session.objects.get(exam=exam, number=room.session_number)
    closed = room.closed_at.astimezone(CHINA).strftime(CLOCK) if room.closed_at else ""
    starts, ends = session.starts_at.astimezone(CHINA), session.ends_at.astimezone(CHINA)
    head = RecordHead(
        t(exam.name_zh, exam.name_en),
        session.name,
        f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}",
        room.site_code,
        venues.site_facts(exam, room.site_code).name,
        room.room_number,
        closed,
    )
    seats = queries.seats(viewer=by, exam=exam, room=room)
    lines = [RecordLine(s.seat, s.ticket, s.name, bool(s.present), s.violation) for s in seats]
    said = [
        (c.ticket, _state(c.present, c.violation), c.reason)
        for c in reversed(queries.corrections(viewer=by, room=room))
    ]
    return room_record(head, lines, copy, said)


def _state(present: bool, violation: str) -> str:
    state = t("到场", "present") if present else t("缺考", "absent")
    return f"{state} · {violation}" if violation else str(state)
