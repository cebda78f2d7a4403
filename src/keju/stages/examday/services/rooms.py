"""Opening rooms for a session and closing them with a count that adds up."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.stages.examday import events, queries, rules
from keju.stages.examday.models import RoomSession
from keju.stages.tickets import queries as tickets


@write("examday:room:record")
def open_rooms(*, exam: Exam, session_number: int, by: Actor, at: datetime) -> int:
    """Every used room of the opened sites in the actor's scope is open for the session; rooms already open stay.

    Returns how many opened. Rooms of a site that was not opened wait; where none was, it is refused.
    """
    session = Session.objects.get(exam=exam, number=session_number)
    enforce(rules.check_day(at.astimezone(CHINA).date(), session.starts_at.astimezone(CHINA).date()))
    of_session = RoomSession.objects.filter(exam=exam, session_number=session_number)
    known = set(of_session.values_list("room_id", flat=True))
    waiting = [r for r in tickets.rooms_in_use(viewer=by, exam=exam) if r.room_id not in known]
    closed = {r.site_code for r in waiting} - queries.opened_sites(viewer=by, exam=exam).keys()
    enforce(rules.check_sites_open({r.site_code for r in waiting}, closed))
    fresh = [r for r in waiting if r.site_code not in closed]
    RoomSession.objects.bulk_create(
        [
            RoomSession(
                exam=exam,
                office_path=r.office_path,
                site_code=r.site_code,
                room_id=r.room_id,
                room_number=r.room_number,
                session_number=session_number,
                expected=r.tickets,
                opened_at=at,
            )
            for r in fresh
        ],
        ignore_conflicts=True,
        batch_size=2000,
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
def close_rooms(
    *, exam: Exam, room_session_ids: Sequence[int], counted: int | None = None, by: Actor, at: datetime
) -> None:
    """Each room's record is closed: its session is over, everybody was marked (V15.5.1). All of them, or none.

    `counted`: the answer cards counted by hand in each of the rooms, where that is entered.
    """
    rooms = locked(exam, room_session_ids, by)
    ends = {s.number: s.ends_at for s in exams.sessions(exam)}
    for room in rooms:
        enforce(rules.check_open(room.closed_at))
        enforce(
            [
                *rules.check_ended(at, ends[room.session_number]),
                *rules.check_complete(room.expected, room.present, room.absent),
                *rules.check_counted(room.expected, counted),
            ]
        )
    RoomSession.objects.filter(pk__in=[r.pk for r in rooms]).update(closed_at=at, closed_by=by.ref)
    one = rooms[0] if len(rooms) == 1 else None
    record(
        events.CLOSED,
        by=by,
        at=at,
        subject=f"room:{one.pk}" if one else "rooms",
        exam=exam.slug,
        office_path=one.office_path if one else None,
        rules=["V15.5.1"],
        data={
            "rooms": len(rooms),
            "present": sum(r.present for r in rooms),
            "absent": sum(r.absent for r in rooms),
            "violations": sum(r.violations for r in rooms),
            "counted": counted,
        },
    )


def locked(exam: Exam, room_session_ids: Sequence[int], by: Actor) -> list[RoomSession]:
    """The rooms, held until the transaction ends, always in one order; `DoesNotExist` if one is not in scope."""
    wanted = set(room_session_ids)
    mine = {"office_path__gte": by.office_path, "office_path__lt": by.office_path + "~"}
    found = list(
        RoomSession.objects.select_for_update().filter(exam=exam, pk__in=wanted, **mine).order_by("pk")
    )
    if len(found) != len(wanted) or not wanted:
        raise RoomSession.DoesNotExist
    return found
