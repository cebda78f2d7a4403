"""Printing answer cards and opening a batch for every room's bag."""

import hashlib
from datetime import datetime

from keju.algorithms.omr import CardFace, Titles
from keju.algorithms.omr import print_cards as draw
from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.examday import queries as examday
from keju.stages.marking import events
from keju.stages.marking.models import Batch
from keju.stages.marking.services.reading import card_layout_of
from keju.stages.tickets import queries as tickets


@write("marking:cards:print")
def print_cards(*, exam: Exam, room_id: int, session_number: int, by: Actor, at: datetime) -> bytes:
    """The answer cards of one room for one session as a PDF, a page per candidate in seat order."""
    layout = card_layout_of(exam, session_number)
    session = next(s for s in exams.sessions(exam) if s.number == session_number)
    subjects = exams.subjects(exam, session_number)
    titles = Titles(
        exam=exam.name_zh,
        session=session.name_zh,
        subjects=tuple(s.name_zh for s in subjects),
    )
    rows = tickets.room_tickets(viewer=by, exam=exam, room_id=room_id)
    faces = [
        CardFace(
            titles=titles,
            exam=str(exam.pk),
            session=str(session_number),
            ticket=row.number,
            name=row.name,
            room=row.room_name,
            seat=str(row.seat),
        )
        for row in rows
    ]
    pdf = draw(layout, faces, substitute=True)
    record(
        events.CARDS_PRINTED,
        by=by,
        at=at,
        subject=f"room:{room_id}",
        exam=exam.slug,
        office_path=rows[0].office_path,
        rules=["V17.1.0"],
        data={"session": session_number, "cards": len(faces), "sha256": hashlib.sha256(pdf).hexdigest()},
    )
    return pdf


@write("marking:batch:scan")
def open_batches(*, exam: Exam, by: Actor, at: datetime) -> int:
    """A batch stands for every closed room of every session. Returns how many are new."""
    rooms = [r for r in examday.rooms(viewer=by, exam=exam) if r.closed_at]
    known = set(Batch.objects.filter(exam=exam).values_list("session_number", "room_id"))
    fresh = [r for r in rooms if (r.session_number, r.room_id) not in known]
    Batch.objects.bulk_create(
        [
            Batch(
                exam=exam,
                office_path=r.office_path,
                session_number=r.session_number,
                site_code=r.site_code,
                room_id=r.room_id,
                room_name=r.room_name,
                expected=r.present,
                opened_at=at,
            )
            for r in fresh
        ],
        ignore_conflicts=True,
    )
    record(events.BATCHES_OPENED, by=by, at=at, subject="batches", exam=exam.slug, data={"new": len(fresh)})
    return len(fresh)
