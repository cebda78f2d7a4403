"""What still stands between the cards and the scores."""

from dataclasses import dataclass

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal
from keju.stages.examday import queries as examday
from keju.stages.marking import rules
from keju.stages.marking.queries.batches import batch_rows, unread
from keju.stages.marking.queries.doubts import open_doubts
from keju.stages.marking.queries.scoring import frozen, keys, resolved

NATION = Actor.system("marking")


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
    found = []
    for session in exams.sessions(exam):
        said = {
            a.registration_id: a
            for a in examday.attendance(viewer=NATION, exam=exam, session_number=session.number)
        }
        for card in resolved(exam, session.number):
            a = said.get(card.registration_id)
            what = rules.disagreement(
                a.present if a else None, bool(a and a.violation), card.absent, card.violation
            )
            if what:
                found.append((card.reading_id, card.registration_id, session.number, what))
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


def progress(*, viewer: Actor, exam: Exam) -> list[SessionProgress]:
    """Each session: rooms, batches, cards."""
    rows = batch_rows(viewer=viewer, exam=exam)
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
