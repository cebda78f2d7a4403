"""Batches and what was read of them; whose cards are still to come."""

from dataclasses import dataclass

from django.db import connection

from keju.algorithms.omr import CardLayout, card_layout
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.marking.models import Batch, Reading
from keju.stages.marking.queries.doubts import ASKED
from keju.stages.marking.rules import SubjectPlace

# Who was present in a room and has no card that counts, nor one that two persons declared lost. %(exam)s.
UNREAD = """
SELECT r.session_number, r.room_id, s.registration_id, s.ticket FROM (
  SELECT DISTINCT ON (e.room_id, e.registration_id) e.room_id, e.registration_id, e.ticket, e.present
  FROM examday_entry e JOIN examday_room r ON r.id = e.room_id WHERE r.exam_id = %(exam)s
  ORDER BY e.room_id, e.registration_id, e.id DESC) s
JOIN examday_room r ON r.id = s.room_id
WHERE s.present
AND NOT EXISTS (
  SELECT FROM marking_link l LEFT JOIN marking_unlink u ON u.link_id = l.id
  WHERE l.exam_id = %(exam)s AND l.session_number = r.session_number AND l.registration_id = s.registration_id
    AND u.id IS NULL)
AND (SELECT count(*) FROM marking_missing m WHERE m.exam_id = %(exam)s
     AND m.session_number = r.session_number AND m.registration_id = s.registration_id) < 2
"""

ROWS = f"""
WITH unread AS (SELECT session_number, room_id, count(*) AS n FROM ({UNREAD}) x GROUP BY 1, 2),
asked AS (SELECT batch_id, count(*) AS n FROM ({ASKED}) x GROUP BY 1),
read AS (
  SELECT r.batch_id, count(*) AS n, count(*) FILTER (WHERE r.status = 'refused') AS refused,
    count(l.id) FILTER (WHERE u.id IS NULL) AS linked
  FROM marking_reading r LEFT JOIN marking_link l ON l.reading_id = r.id LEFT JOIN marking_unlink u ON u.link_id = l.id
  WHERE r.exam_id = %(exam)s GROUP BY 1)
SELECT b.id, b.session_number, b.site_code, b.room_number, b.expected, coalesce(r.n, 0), coalesce(r.linked, 0),
  coalesce(r.refused, 0), coalesce(x.n, 0), coalesce(a.n, 0)
FROM marking_batch b LEFT JOIN read r ON r.batch_id = b.id LEFT JOIN asked a ON a.batch_id = b.id
LEFT JOIN unread x ON x.session_number = b.session_number AND x.room_id = b.room_id
WHERE b.exam_id = %(exam)s AND b.office_path >= %(path)s AND b.office_path < %(end)s
  AND (%(session)s::int IS NULL OR b.session_number = %(session)s)
  AND (%(batch)s::bigint IS NULL OR b.id = %(batch)s)
ORDER BY b.session_number, b.site_code, b.room_number
"""  # noqa: S608  fixed parts only

LOST = f"""
SELECT x.ticket, (SELECT count(*) FROM marking_missing m WHERE m.exam_id = %(exam)s
  AND m.session_number = x.session_number AND m.registration_id = x.registration_id)
FROM ({UNREAD}) x WHERE x.session_number = %(session)s AND x.room_id = %(room)s ORDER BY 1
"""  # noqa: S608  fixed parts only


@dataclass(frozen=True)
class BatchRow:
    """A room's bag: images read, cards that count, files that were no card, cards awaited, places in doubt."""

    pk: int
    session_number: int
    site_code: str
    room_number: int
    expected: int
    images: int
    linked: int
    refused: int
    awaited: int
    doubts: int

    @property
    def state(self) -> str:
        """ "empty", "doubts", "awaited" or "done"."""
        if not self.images:
            return "empty"
        return "doubts" if self.doubts else "awaited" if self.awaited else "done"


def places(exam: Exam, session_number: int) -> list[SubjectPlace]:
    """The subjects of a session where they stand on its card."""
    return [
        SubjectPlace(s.code, s.first_question, s.questions, s.options)
        for s in exams.subjects(exam, session_number)
    ]


def layout_of(exam: Exam, session_number: int) -> CardLayout:
    """The card of a session: one row per question of its subjects, a grid for the programme's ticket number."""
    subjects = exams.subjects(exam, session_number)
    return card_layout(
        sum(s.questions for s in subjects), subjects[0].options, exams.programme(exam).ticket.width
    )


def batch_rows(
    *, viewer: Actor, exam: Exam, session_number: int | None = None, batch_id: int | None = None
) -> list[BatchRow]:
    """The batches in order, each with what was read of it."""
    wanted = {
        "exam": exam.pk,
        "path": viewer.office_path,
        "end": viewer.office_path + "~",
        "session": session_number,
        "batch": batch_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(ROWS, wanted)
        return [BatchRow(*row) for row in cursor.fetchall()]


def batch(*, viewer: Actor, exam: Exam, batch_id: int) -> Batch:
    """One batch in scope; `Batch.DoesNotExist` otherwise."""
    return Batch.objects.get(exam=exam, pk=batch_id, office_path__startswith=viewer.office_path)


def reading_rows(*, viewer: Actor, batch: Batch) -> list[Reading]:
    """The readings of a batch in the order they were made, with their link if there is one."""
    return list(Reading.objects.filter(batch=batch).select_related("link__unlink").order_by("pk"))


def reading(*, viewer: Actor, exam: Exam, reading_id: int) -> Reading:
    """One reading with its batch; `Reading.DoesNotExist` if it is of another exam."""
    return Reading.objects.select_related("batch", "link__unlink").get(exam=exam, pk=reading_id)


def unread(exam: Exam) -> int:
    """Candidates marked present whose card has not been read and linked, nor declared lost by two persons."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({UNREAD}) x", {"exam": exam.pk})  # noqa: S608
        return int(cursor.fetchone()[0])


def missing_cards(*, viewer: Actor, exam: Exam, batch: Batch) -> list[tuple[str, int]]:
    """(ticket, how many persons declared it lost) of those of the batch whose card is awaited."""
    with connection.cursor() as cursor:
        cursor.execute(
            LOST,
            {"exam": exam.pk, "session": batch.session_number, "room": batch.room_id},
        )
        return list(cursor.fetchall())
