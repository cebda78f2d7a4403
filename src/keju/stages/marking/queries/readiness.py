"""What still stands between the cards and the scores."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal
from keju.stages.examday import queries as examday
from keju.stages.marking import rules
from keju.stages.marking.queries.batches import BatchRow, unread
from keju.stages.marking.queries.doubts import SETTLED, open_doubts
from keju.stages.marking.queries.scoring import frozen, keys

NATION = Actor.system("marking")
# Cards that count beside the latest statement of their room: those that differ as read, or that persons said more about.
DIFFERING = f"""
SELECT r.id, l.registration_id, l.session_number, s.present, s.violation, r.absent, r.violation, v.answer
FROM marking_link l JOIN marking_reading r ON r.id = l.reading_id LEFT JOIN marking_unlink u ON u.link_id = l.id
LEFT JOIN (
  SELECT DISTINCT ON (e.room_id, e.registration_id) m.session_number, e.registration_id, e.present, e.violation
  FROM examday_entry e JOIN examday_room m ON m.id = e.room_id WHERE m.exam_id = %(exam)s
  ORDER BY e.room_id, e.registration_id, e.id DESC) s
ON s.session_number = l.session_number AND s.registration_id = l.registration_id
LEFT JOIN ({SETTLED}) v ON v.reading_id = r.id AND v.question = 0
WHERE l.exam_id = %(exam)s AND u.id IS NULL
  AND (s.present IS NULL OR s.present = r.absent OR (s.violation <> '') <> r.violation OR v.answer IS NOT NULL)
ORDER BY l.session_number, l.registration_id
"""  # noqa: S608  fixed parts only


@dataclass(frozen=True)
class SessionProgress:
    """How far the cards of one session are."""

    session_number: int
    rooms: int
    closed: int
    batches: int
    awaited: int
    linked: int
    doubts: int
    has_key: bool


def open_rooms(exam: Exam) -> int:
    """Rooms × sessions whose record is not closed; they have no batch, and their candidates no score."""
    return examday.unfinished(viewer=NATION, exam=exam)


def disagreements(exam: Exam) -> list[tuple[int, int, int, str]]:
    """(reading, registration, session, what) where card and room record differ on absence or violation (V15.7)."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERING, {"exam": exam.pk})
        rows = cursor.fetchall()
    found = []
    for reading_id, registration, session, present, said, absent, violation, verdict in rows:
        card_absent, card_violation = rules.STAFF_MARKS.get(verdict or "", (absent, violation))
        what = rules.disagreement(present, bool(said), card_absent, card_violation)
        if what:
            found.append((reading_id, registration, session, what))
    return found


def blocking(exam: Exam) -> list[Refusal]:
    """Everything that stands against computing scores now; empty when nothing does."""
    numbers = [s.number for s in exams.sessions(exam)]
    return [
        *rules.check_not_frozen(frozen(exam) is not None),
        *rules.check_keys(numbers, keys(exam)),
        *rules.check_ready_to_score(
            open_rooms(exam), open_doubts(exam), unread(exam), len(disagreements(exam))
        ),
    ]


def progress(*, viewer: Actor, exam: Exam, rows: Sequence[BatchRow]) -> list[SessionProgress]:
    """Each session: rooms, batches, cards; `rows` are all batches."""
    known = keys(exam)
    found = []
    for t in examday.totals(viewer=viewer, exam=exam):
        mine = [r for r in rows if r.session_number == t.session_number]
        found.append(
            SessionProgress(
                t.session_number,
                t.rooms,
                t.closed,
                len(mine),
                sum(r.awaited for r in mine),
                sum(r.linked for r in mine),
                sum(r.doubts for r in mine),
                t.session_number in known,
            )
        )
    return found
