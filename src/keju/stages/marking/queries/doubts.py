"""What the reader would not decide, and what persons said about it."""

from dataclasses import dataclass

from django.db import connection

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.marking import rules
from keju.stages.marking.models import Decision, Reading

AGREEING = 2
# A place is settled when two persons said the same; later says are refused, so there is one answer at most.
SETTLED = f"""
SELECT reading_id, question, answer FROM marking_decision WHERE exam_id = %(exam)s
GROUP BY reading_id, question, answer HAVING count(DISTINCT by) >= {AGREEING}
"""  # noqa: S608  fixed parts only
# Open places: the reader's doubts and cards that a person challenged, without those settled or of refused cards.
ASKED = f"""
SELECT r.batch_id, q.reading_id, q.question FROM (
  SELECT r.id AS reading_id, d.q::int AS question FROM marking_reading r, jsonb_array_elements_text(r.doubts) d(q)
  WHERE r.exam_id = %(exam)s
  UNION SELECT reading_id, question FROM marking_decision WHERE exam_id = %(exam)s) q
JOIN marking_reading r ON r.id = q.reading_id
WHERE NOT EXISTS (
  SELECT FROM ({SETTLED}) s WHERE s.reading_id = q.reading_id
  AND (s.question = q.question OR (s.question = 0 AND s.answer = 'refuse')))
"""  # noqa: S608  fixed parts only

WAITING = f"""
SELECT r.id, b.id, b.session_number, b.site_code, b.room_number, r.reasons::text, count(*), count(*) - count(d.id)
FROM ({ASKED}) a JOIN marking_reading r ON r.id = a.reading_id JOIN marking_batch b ON b.id = r.batch_id
LEFT JOIN marking_decision d ON d.reading_id = r.id AND d.question = a.question AND d.by = %(me)s
WHERE %(session)s::int IS NULL OR b.session_number = %(session)s
GROUP BY r.id, b.id ORDER BY count(*) = count(d.id), r.id LIMIT %(limit)s
"""  # noqa: S608  fixed parts only


@dataclass(frozen=True)
class Doubt:
    """One place on one card that persons decide; `said` by whom so far, in order, and `agreed` what two said."""

    question: int
    suggestion: str
    said: tuple[tuple[str, str], ...]
    agreed: str | None

    def mine(self, ref: str) -> bool:
        """Whether this person has said something about it."""
        return any(by == ref for by, _ in self.said)


@dataclass(frozen=True)
class ReadingDoubts:
    """A card with open places: how many, and how many of them this person has not decided."""

    reading_id: int
    batch_id: int
    session_number: int
    site_code: str
    room_number: int
    reasons: tuple[str, ...]
    places: int
    mine_open: int


def open_doubts(exam: Exam) -> int:
    """How many places still need two agreeing decisions."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({ASKED}) x", {"exam": exam.pk})  # noqa: S608
        return int(cursor.fetchone()[0])


def readings_in_doubt(
    *, viewer: Actor, exam: Exam, session_number: int | None = None, limit: int = 200
) -> list[ReadingDoubts]:
    """Cards with open places: those first that wait for this person, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            WAITING, {"exam": exam.pk, "me": viewer.ref, "session": session_number, "limit": limit}
        )
        return [
            ReadingDoubts(*row[:5], tuple(rules.load(row[5])), row[6], row[7]) for row in cursor.fetchall()
        ]


def next_reading(*, viewer: Actor, exam: Exam) -> int | None:
    """The oldest card with a place that this person has not decided yet."""
    found = readings_in_doubt(viewer=viewer, exam=exam, limit=1)
    return found[0].reading_id if found and found[0].mine_open else None


def reading_doubts(*, viewer: Actor, reading: Reading) -> list[Doubt]:
    """Every place of the card that is or was in doubt: the card first, then its questions."""
    said: dict[int, list[tuple[str, str]]] = {}
    for d in Decision.objects.filter(reading=reading).order_by("pk"):
        said.setdefault(d.question, []).append((d.by, d.answer))
    answers = rules.unpack(reading.answers)
    return [
        Doubt(q, answers[q - 1] if q > 0 else "", tuple(said.get(q, [])), _agreed(said.get(q, [])))
        for q in sorted({*reading.doubts, *said})
    ]


def settled(reading: Reading) -> dict[int, str]:
    """What two persons agreed on, by place."""
    said: dict[int, list[tuple[str, str]]] = {}
    for d in Decision.objects.filter(reading=reading).order_by("pk"):
        said.setdefault(d.question, []).append((d.by, d.answer))
    return {q: agreed for q, lines in said.items() if (agreed := _agreed(lines)) is not None}


def agreements(exam: Exam) -> dict[int, dict[int, str]]:
    """Per reading, what two persons agreed on for each place."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, {"exam": exam.pk})
        found: dict[int, dict[int, str]] = {}
        for reading_id, question, answer in cursor.fetchall():
            found.setdefault(reading_id, {})[question] = answer
    return found


def _agreed(said: list[tuple[str, str]]) -> str | None:
    for _, answer in said:
        if len({by for by, a in said if a == answer}) >= AGREEING:
            return answer
    return None
