"""Printing answer cards and opening a batch for every room's bag."""

from datetime import datetime

from keju.algorithms.omr import CardFace, Titles
from keju.algorithms.omr import print_cards as draw
from keju.kernel.audit import record, write
from keju.kernel.documents.services import enter_print
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices import Actor
from keju.stages.examday import queries as examday
from keju.stages.marking import events, queries
from keju.stages.marking.models import Batch
from keju.stages.tickets import queries as tickets
from keju.stages.venues import queries as venues


@write("marking:cards:print")
def print_cards(
    *, exam: Exam, site_code: str, room_number: int, session_number: int, by: Actor, at: datetime
) -> bytes:
    """The answer cards of one room for one session as a PDF, a page per candidate in seat order; in the print ledger.

    `Session.DoesNotExist` if nobody in scope sits there.
    """
    session = Session.objects.get(exam=exam, number=session_number)
    rows = tickets.room_tickets(viewer=by, exam=exam, site_code=site_code, room_number=room_number)
    if not rows:
        raise Session.DoesNotExist
    office_path = venues.room_facts(exam, rows[0].room_id).office_path
    pdf = draw(queries.layout_of(exam, session_number), faces(exam, session, rows), substitute=True)
    enter_print(
        kind="answer_card",
        exam=exam,
        subject=f"room:{rows[0].room_id}:{session_number}",
        office_path=office_path,
        pdf=pdf,
        by=by,
        at=at,
    )
    record(
        events.CARDS_PRINTED,
        by=by,
        at=at,
        subject=f"room:{rows[0].room_id}",
        exam=exam.slug,
        office_path=office_path,
        rules=["V17.1.0"],
        data={"session": session_number, "cards": len(rows)},
    )
    return pdf


def faces(exam: Exam, session: Session, rows: list[tickets.RoomTicket]) -> list[CardFace]:
    """What stands on the cards of a room, in seat order."""
    subjects = exams.subjects(exam, session.number)
    titles = Titles(
        exam=exam.name_zh,
        session=f"{session.name_zh} {session.name_en}",
        subjects=tuple(f"{s.name_zh}  {s.name_en}" for s in subjects),
    )
    return [
        CardFace(
            titles=titles,
            exam=str(exam.pk),
            session=str(session.number),
            ticket=row.number,
            name=row.name,
            room=f"{row.room_number:03d}",
            seat=f"{row.seat:02d}",
        )
        for row in rows
    ]


@write("marking:batch:scan")
def open_batches(*, exam: Exam, by: Actor, at: datetime) -> int:
    """A batch stands for every closed room of every session. Returns how many are new."""
    known = set(Batch.objects.filter(exam=exam).values_list("session_number", "room_id"))
    closed = examday.rooms(viewer=by, exam=exam, state="closed")
    fresh = [r for r in closed if (r.session_number, r.room_id) not in known]
    Batch.objects.bulk_create(
        [
            Batch(
                exam=exam,
                office_path=r.office_path,
                session_number=r.session_number,
                site_code=r.site_code,
                room_id=r.room_id,
                room_number=r.room_number,
                expected=r.present,
                opened_at=at,
            )
            for r in fresh
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )
    record(events.BATCHES_OPENED, by=by, at=at, subject="batches", exam=exam.slug, data={"new": len(fresh)})
    return len(fresh)
