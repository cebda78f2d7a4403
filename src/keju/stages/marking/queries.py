"""Reading what was read. Scores are shown to scoring roles only, until they are released (V17.1.3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.examday import queries as examday
from keju.stages.marking import rules
from keju.stages.marking.models import Batch, Decision, Freeze, Key, Link, Reading, Run, Score
from keju.stages.marking.rules import SubjectPlace

AGREEING = 2


@dataclass(frozen=True)
class Doubt:
    """One place on one card that persons decide: question 0 is the card as a whole."""

    reading_id: int
    question: int
    suggestion: str
    reasons: tuple[str, ...]
    image_sha256: str
    said: tuple[tuple[str, str], ...]  # who said what so far


@dataclass(frozen=True)
class Resolved:
    """A candidate's card of one session with every doubt decided."""

    registration_id: int
    session_number: int
    answers: list[str]
    absent: bool
    violation: bool


def places(exam: Exam, session_number: int) -> list[SubjectPlace]:
    """The subjects of a session where they stand on its card."""
    return [
        SubjectPlace(s.code, s.first_question, s.questions, s.options)
        for s in exams.subjects(exam, session_number)
    ]


def batches(*, viewer: Actor, exam: Exam, session_number: int | None = None) -> list[Batch]:
    """The viewer's batches with `.read`: how many images were read."""
    found = Batch.objects.filter(exam=exam).annotate(read=Count("readings"))
    if session_number is not None:
        found = found.filter(session_number=session_number)
    return list(found.order_by("session_number", "site_code", "room_id"))


def batch(*, viewer: Actor, exam: Exam, batch_id: int) -> Batch:
    return Batch.objects.get(exam=exam, pk=batch_id)


def readings(*, viewer: Actor, batch: Batch) -> list[Reading]:
    """The readings of a batch in the order they were made."""
    return list(Reading.objects.filter(batch=batch).order_by("pk"))


def reading(*, viewer: Actor, exam: Exam, reading_id: int) -> Reading:
    return Reading.objects.select_related("batch").get(batch__exam=exam, pk=reading_id)


def doubts(*, viewer: Actor, exam: Exam, limit: int = 200) -> list[Doubt]:
    """Open doubts, oldest first: places where no two persons agree yet."""
    found: list[Doubt] = []
    for r in Reading.objects.filter(batch__exam=exam).exclude(doubts=[]).order_by("pk").iterator():
        said = _said(r)
        answers = rules.unpack(r.answers)
        for question in r.doubts:
            if _agreed(said.get(question, [])) is None:
                suggestion = answers[question - 1] if question else ""
                found.append(
                    Doubt(
                        r.pk,
                        question,
                        suggestion,
                        tuple(r.reasons),
                        r.image_sha256,
                        tuple(said.get(question, [])),
                    )
                )
                if len(found) >= limit:
                    return found
    return found


def open_doubts(exam: Exam) -> int:
    """How many places still need two agreeing decisions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM marking_reading r JOIN marking_batch b ON b.id = r.batch_id,"
            " jsonb_array_elements_text(r.doubts) d(q) WHERE b.exam_id = %s AND NOT EXISTS ("
            "  SELECT 1 FROM marking_decision x WHERE x.reading_id = r.id AND x.question = d.q::int"
            "  GROUP BY x.answer HAVING count(DISTINCT x.by) >= %s)",
            [exam.pk, AGREEING],
        )
        return int(cursor.fetchone()[0])


def unread(exam: Exam) -> int:
    """Candidates marked present whose card has not been read and linked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ("
            " SELECT DISTINCT ON (e.room_id, e.registration_id) e.registration_id, r.session_number, e.present"
            " FROM examday_entry e JOIN examday_room r ON r.id = e.room_id WHERE r.exam_id = %s"
            " ORDER BY e.room_id, e.registration_id, e.id DESC) said WHERE present AND NOT EXISTS ("
            " SELECT 1 FROM marking_link l WHERE l.exam_id = %s AND l.session_number = said.session_number"
            " AND l.registration_id = said.registration_id)",
            [exam.pk, exam.pk],
        )
        return int(cursor.fetchone()[0])


def disagreements(*, viewer: Actor, exam: Exam) -> list[tuple[int, int, str]]:
    """(registration, session, what) where card and room record differ on absence or violation (V15.7)."""
    found = []
    for session in exams.sessions(exam):
        said = {
            a.registration_id: a
            for a in examday.attendance(viewer=viewer, exam=exam, session_number=session.number)
        }
        for card in resolved(exam, session.number):
            a = said.get(card.registration_id)
            if a is None or a.present == card.absent:
                found.append((card.registration_id, session.number, "absent"))
            elif bool(a.violation) != card.violation:
                found.append((card.registration_id, session.number, "violation"))
    return found


def resolved(exam: Exam, session_number: int) -> Iterator[Resolved]:
    """Every linked card of a session with what two persons agreed on in place of doubts."""
    links = (
        Link.objects.filter(exam=exam, session_number=session_number)
        .select_related("reading")
        .order_by("registration_id")
    )
    agreed = agreements(exam)
    for link in links.iterator(chunk_size=2000):
        r = link.reading
        answers = rules.resolve(rules.unpack(r.answers), agreed.get(r.pk, {}))
        yield Resolved(link.registration_id, session_number, answers, r.absent, r.violation)


def agreements(exam: Exam) -> dict[int, dict[int, str]]:
    """Per reading, what two persons agreed on for each question."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.reading_id, d.question, d.answer FROM marking_decision d"
            " JOIN marking_reading r ON r.id = d.reading_id JOIN marking_batch b ON b.id = r.batch_id"
            " WHERE b.exam_id = %s GROUP BY 1, 2, 3 HAVING count(DISTINCT d.by) >= %s",
            [exam.pk, AGREEING],
        )
        found: dict[int, dict[int, str]] = {}
        for reading_id, question, answer in cursor.fetchall():
            found.setdefault(reading_id, {})[question] = answer
    return found


def keys(exam: Exam) -> dict[int, Key]:
    """The latest confirmed key of each session."""
    found: dict[int, Key] = {}
    for key in Key.objects.filter(exam=exam, confirmation__isnull=False).order_by(
        "session_number", "version"
    ):
        found[key.session_number] = key
    return found


def key_history(*, viewer: Actor, exam: Exam) -> list[Key]:
    """Every version of every session's key, newest first; the answers themselves only to key keepers."""
    return list(
        Key.objects.filter(exam=exam).select_related("confirmation").order_by("session_number", "-version")
    )


def runs(*, viewer: Actor, exam: Exam) -> list[Run]:
    _scoring_only(viewer)
    return list(Run.objects.filter(exam=exam).select_related("proposal", "freeze").order_by("-pk"))


def run(*, viewer: Actor, exam: Exam, run_id: int) -> Run:
    _scoring_only(viewer)
    return Run.objects.get(exam=exam, pk=run_id)


def frozen(exam: Exam) -> Freeze | None:
    """The freeze that counts, or None."""
    return Freeze.objects.filter(exam=exam).select_related("run").first()


def scores(run: Run) -> Iterator[tuple[int, str, int]]:
    """(registration, subject, points) of a run. For services; people's access goes through `scores_of`."""
    yield from (
        Score.objects.filter(run=run)
        .order_by("registration_id", "subject")
        .values_list("registration_id", "subject", "points")
        .iterator(chunk_size=5000)
    )


def scores_of(*, viewer: Actor, run: Run, registration_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Points per subject of some candidates, for those who score."""
    _scoring_only(viewer)
    found: dict[int, dict[str, int]] = {}
    rows = Score.objects.filter(run=run, registration_id__in=list(registration_ids))
    for registration_id, subject, value in rows.values_list("registration_id", "subject", "points"):
        found.setdefault(registration_id, {})[subject] = value
    return found


def altered(exam: Exam) -> list[str]:
    """What of the frozen scores is not as frozen: recomputed from rows, cards and keys. Empty when sound (V17.1.1)."""
    freeze = frozen(exam)
    if freeze is None:
        return []
    problems = []
    stored = rules.scores_digest(scores(freeze.run))
    if not stored == freeze.scores_digest == freeze.run.scores_digest:
        problems.append("scores")
    if rules.scores_digest(recompute(exam, freeze.run)) != stored:
        problems.append("readings")
    return problems


def recompute(exam: Exam, run: Run) -> Iterator[tuple[int, str, int]]:
    """The scores of a run computed again from cards, decisions and the run's own keys."""
    for session in exams.sessions(exam):
        key = Key.objects.get(exam=exam, session_number=session.number, version=run.keys[str(session.number)])
        yield from score_session(exam, session.number, rules.unpack(key.answers))


def score_session(exam: Exam, session_number: int, key: list[str]) -> Iterator[tuple[int, str, int]]:
    """Points in each subject of the session for everybody with a card; the absent have no card that counts."""
    where = places(exam, session_number)
    for card in resolved(exam, session_number):
        if not card.absent:
            for place in where:
                yield card.registration_id, place.code, rules.points(card.answers, key, place)


def readings_digest(exam: Exam) -> str:
    """What a run is computed from, as one hash."""
    return rules.readings_digest(
        (card.registration_id, card.session_number, rules.pack(card.answers))
        for session in exams.sessions(exam)
        for card in resolved(exam, session.number)
    )


def _said(r: Reading) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for d in Decision.objects.filter(reading=r).order_by("pk"):
        found.setdefault(d.question, []).append((d.by, d.answer))
    return found


def _agreed(said: list[tuple[str, str]]) -> str | None:
    for _, answer in said:
        if len({by for by, a in said if a == answer}) >= AGREEING:
            return answer
    return None


def _scoring_only(viewer: Actor) -> None:
    if not viewer.may("marking:score:read") and not viewer.may("marking:score:countersign"):
        raise NotPermitted("marking:score:read", hidden=True)
