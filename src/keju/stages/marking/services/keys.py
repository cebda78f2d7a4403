"""The key of each session: entered by one person, entered again by another."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.marking import events, queries, rules
from keju.stages.marking.models import Key, KeyConfirmation


@write("marking:key:set")
def set_key(*, exam: Exam, session_number: int, answers: Sequence[str], by: Actor, at: datetime) -> Key:
    """A new version of the session's key is proposed; it counts once another person has entered the same."""
    _not_frozen(exam)
    enforce(rules.check_key(answers, queries.places(exam, session_number)))
    latest = Key.objects.filter(exam=exam, session_number=session_number).order_by("-version").first()
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
    """The key counts: this other person entered exactly the same answers."""
    _not_frozen(exam)
    key = Key.objects.get(exam=exam, pk=key_id)
    same = rules.unpack(key.answers) == list(answers)
    enforce(rules.check_key_confirmed_by_another(key.proposed_by, by.ref, same))
    KeyConfirmation.objects.create(key=key, by=by.ref, proposed_by=key.proposed_by, at=at)
    _record(events.KEY_CONFIRMED, key, by, at)


def _not_frozen(exam: Exam) -> None:
    if queries.frozen(exam):
        raise RuleRefused([Refusal("V17.1.1", "marking_frozen")])


def _record(kind: str, key: Key, by: Actor, at: datetime) -> None:
    # The answers themselves stay out of the log: it is read by more people than may know a key.
    record(
        kind,
        by=by,
        at=at,
        subject=f"key:{key.pk}",
        exam=key.exam.slug,
        rules=["V17.1.0"],
        data={"session": key.session_number, "version": key.version},
    )
