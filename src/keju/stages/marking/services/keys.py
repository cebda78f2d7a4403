"""The key of each session: entered by one person, entered again by another."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.stages.marking import events, queries, rules
from keju.stages.marking.models import Key, KeyConfirmation
from keju.stages.marking.services.locking import for_scores


@write("marking:key:set")
def set_key(*, exam: Exam, session_number: int, answers: Sequence[str], by: Actor, at: datetime) -> Key:
    """A new version of the session's key is proposed; it counts once another person has entered the same."""
    for_scores(exam)
    enforce(rules.check_key(answers, queries.places(exam, session_number)))
    latest = _latest(exam, session_number)
    key = Key.objects.create(
        exam=exam,
        session_number=session_number,
        version=latest.version + 1 if latest else 1,
        answers=rules.pack(answers),
        proposed_by=by.ref,
        proposed_at=at,
    )
    _record(events.KEY_PROPOSED, key, by, at)
    return key


@write("marking:key:set")
def confirm_key(*, exam: Exam, key_id: int, answers: Sequence[str], by: Actor, at: datetime) -> None:
    """The key counts: this other person entered exactly the same answers.

    `Stale` if it was confirmed already or a newer version was proposed meanwhile.
    """
    for_scores(exam)
    key = Key.objects.get(exam=exam, pk=key_id)
    latest = _latest(exam, key.session_number)
    if latest != key or KeyConfirmation.objects.filter(key=key).exists():
        raise Stale
    same = rules.unpack(key.answers) == list(answers)
    enforce(rules.check_key_confirmed_by_another(key.proposed_by, by.ref, same))
    KeyConfirmation.objects.create(key=key, exam=exam, by=by.ref, proposed_by=key.proposed_by, at=at)
    _record(events.KEY_CONFIRMED, key, by, at)


def _latest(exam: Exam, session_number: int) -> Key | None:
    return Key.objects.filter(exam=exam, session_number=session_number).order_by("-version").first()


def _record(kind: str, key: Key, by: Actor, at: datetime) -> None:
    # The answers themselves stay out of the log: it is read by more people than may know a key.
    record(
        kind,
        by=by,
        at=at,
        subject=f"key:{key.pk}",
        exam=key.exam.slug,
        office_path="/",
        rules=["V17.1.0"],
        data={"session": key.session_number, "version": key.version},
    )
