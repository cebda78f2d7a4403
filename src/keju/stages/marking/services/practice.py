"""A practice scanner for rehearsed exams: a bag's cards come filled in, as if they had been scanned."""

from datetime import datetime

from keju.algorithms.omr import Sitter, practice_key, practice_scans
from keju.algorithms.omr import print_cards as draw
from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.stages.examday import queries as examday
from keju.stages.marking import events, queries, rules
from keju.stages.marking.models import Batch
from keju.stages.marking.services.cards import faces
from keju.stages.marking.services.reading import Reader, ReadResult, read_here, read_images
from keju.stages.tickets import queries as tickets

NATION = Actor.system("marking")


def practice_answers(exam: Exam, session_number: int) -> list[str]:
    """A rehearsed session's right answers, the same each time: to be typed in by those who play the key keepers."""
    enforce(rules.check_rehearsal(exam.is_rehearsal))
    layout = queries.layout_of(exam, session_number)
    return practice_key(f"{exam.slug}/{session_number}", layout.questions, layout.options)


def practice_images(*, exam: Exam, batch_id: int) -> list[bytes]:
    """The scans of everybody's card of the bag, marked absent or for a violation as the room record says.

    Answers follow the confirmed key where there is one, so that scores are spread as in an exam.
    """
    enforce(rules.check_rehearsal(exam.is_rehearsal))
    batch = Batch.objects.get(exam=exam, pk=batch_id)
    session = Session.objects.get(exam=exam, number=batch.session_number)
    layout = queries.layout_of(exam, session.number)
    rows = tickets.room_tickets(
        viewer=NATION, exam=exam, site_code=batch.site_code, room_number=batch.room_number
    )
    said = {
        a.registration_id: a
        for a in examday.of_room(exam=exam, session_number=session.number, room_id=batch.room_id)
    }
    sitters = [
        Sitter(row.number, absent=a is not None and not a.present, violation=bool(a and a.violation))
        for row in rows
        for a in [said.get(row.registration_id)]
    ]
    key = queries.keys(exam).get(session.number)
    answers = rules.unpack(key.answers) if key else practice_answers(exam, session.number)
    pdf = draw(layout, faces(exam, session, rows), substitute=True)
    return list(practice_scans(pdf, layout, sitters, answers, f"{exam.slug}/{session.number}"))


@write("marking:batch:scan")
def scan_practice(
    *, exam: Exam, batch_id: int, by: Actor, at: datetime, reader: Reader = read_here
) -> ReadResult:
    """The bag's practice cards are read as scans would be. Nothing is kept of what was drawn but the images."""
    images = practice_images(exam=exam, batch_id=batch_id)
    result = read_images(exam=exam, batch_id=batch_id, images=images, by=by, at=at, reader=reader)
    record(
        events.PRACTISED,
        by=by,
        at=at,
        subject=f"batch:{batch_id}",
        exam=exam.slug,
        office_path="/",
        rules=["V17.1.0"],
        data={"cards": len(images)},
    )
    return result
