"""Keys, runs, scores: computed from cards and decisions alone, any number of times with one result."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.marking import rules
from keju.stages.marking.models import Freeze, Key, Run, Score
from keju.stages.marking.queries.batches import places
from keju.stages.marking.queries.doubts import agreements

CARDS = """
SELECT l.registration_id, r.id, r.answers, r.absent, r.violation FROM marking_link l
JOIN marking_reading r ON r.id = l.reading_id LEFT JOIN marking_unlink u ON u.link_id = l.id
WHERE l.exam_id = %s AND l.session_number = %s AND u.id IS NULL ORDER BY l.registration_id
"""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A candidate's card of one session with every doubt decided."""

    registration_id: int
    reading_id: int
    session_number: int
    answers: list[str]
    absent: bool
    violation: bool


def resolved(exam: Exam, session_number: int) -> Iterator[Resolved]:
    """Every card that counts, by registration, with what two persons agreed on in place of doubts."""
    agreed = agreements(exam)
    with connection.cursor() as cursor:
        cursor.execute(CARDS, [exam.pk, session_number])
        while rows := cursor.fetchmany(2000):
            for registration_id, reading_id, line, *seen in rows:
                decided = agreed.get(reading_id, {})
                answers = rules.unpack(line)
                if decided:
                    answers = rules.resolve(answers, decided)
                absent, violation = rules.STAFF_MARKS.get(decided.get(rules.CARD, ""), seen)
                yield Resolved(registration_id, reading_id, session_number, answers, absent, violation)


def keys(exam: Exam) -> dict[int, Key]:
    """The latest confirmed key of each session."""
    found = Key.objects.filter(exam=exam, confirmation__isnull=False).order_by("session_number", "version")
    return {key.session_number: key for key in found}


def key_history(*, viewer: Actor, exam: Exam) -> list[Key]:
    """Every version of every session's key, newest first. Pages show the versions, never the answers."""
    return list(
        Key.objects.filter(exam=exam).select_related("confirmation").order_by("session_number", "-version")
    )


def runs(*, viewer: Actor, exam: Exam) -> list[Run]:
    """Every run, newest first, with its proposal and freeze."""
    _scoring_only(viewer)
    return list(Run.objects.filter(exam=exam).select_related("proposal", "freeze").order_by("-pk"))


def run(*, viewer: Actor, exam: Exam, run_id: int) -> Run:
    """One run of the exam."""
    _scoring_only(viewer)
    return Run.objects.select_related("proposal", "freeze").get(exam=exam, pk=run_id)


def frozen(exam: Exam) -> Freeze | None:
    """The freeze that counts, or None."""
    return Freeze.objects.filter(exam=exam).select_related("run").first()


def scores(run: Run) -> Iterator[tuple[int, str, int]]:
    """(registration, subject, points) of a run. For services; people's access goes through `services.view_scores`."""
    yield from (
        Score.objects.filter(run=run)
        .order_by("registration_id", "subject")
        .values_list("registration_id", "subject", "points")
        .iterator(chunk_size=5000)
    )


def scores_of(*, viewer: Actor, run: Run, registration_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Points per subject of some candidates, for those who score and for later stages acting as the system."""
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
    if not untouched(freeze):
        problems.append("scores")
    if readings_digest(exam) != freeze.run.readings_digest:
        problems.append("readings")
    if rules.scores_digest(recompute(exam, freeze.run)) != freeze.scores_digest:
        problems.append("computation")
    return problems


def untouched(freeze: Freeze) -> bool:
    """The stored scores still have the digest that two administrators froze (V17.1.2)."""
    return rules.scores_digest(scores(freeze.run)) == freeze.scores_digest == freeze.run.scores_digest


def recompute(exam: Exam, run: Run) -> Iterator[tuple[int, str, int]]:
    """The scores of a run computed again from cards, decisions and the run's own keys."""
    for session in exams.sessions(exam):
        key = Key.objects.get(exam=exam, session_number=session.number, version=run.keys[str(session.number)])
        yield from score_session(exam, session.number, rules.unpack(key.answers))


def score_session(exam: Exam, session_number: int, key: list[str]) -> Iterator[tuple[int, str, int]]:
    """Points in each subject of the session for everybody with a card; a card marked absent gives no score."""
    where = places(exam, session_number)
    for card in resolved(exam, session_number):
        if not card.absent:
            for place in where:
                yield card.registration_id, place.code, rules.points(card.answers, key, place)


def readings_digest(exam: Exam) -> str:
    """What a run is computed from, as one hash."""
    return rules.readings_digest(
        (
            card.session_number,
            card.registration_id,
            f"{rules.pack(card.answers)}\t{card.absent:d}{card.violation:d}",
        )
        for session in exams.sessions(exam)
        for card in resolved(exam, session.number)
    )


def _scoring_only(viewer: Actor) -> None:
    if not viewer.may("marking:score:read") and not viewer.may("marking:score:countersign"):
        raise NotPermitted("marking:score:read", hidden=True)
