"""What the rules refused and what somebody must hear of: it stays on record although nothing was done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.stages.custody import events
from keju.stages.custody.models import Attempt
from keju.stages.custody.rules.attempts import attempt_kind

P, R, T = ParamSpec("P"), TypeVar("R"), TypeVar("T")


@dataclass(frozen=True)
class Refused:
    """Nothing was done, and that it was tried stands on record: returned, not raised, or the record would be undone too."""

    refusals: list[Refusal]


def remembered(
    act: Callable[[], T], *, exam: Exam, office_path: str, subject: str, by: Actor, at: datetime
) -> T | Refused:
    """What `act` returns. What it refuses is kept where it is an attempt, and returned; any other refusal is raised."""
    try:
        return act()
    except RuleRefused as refused:
        if not _keep_all(refused, office_path, subject, exam=exam, by=by, at=at):
            raise
        return Refused(list(refused.refusals))


def on_record(where: Callable[..., tuple[str, str]]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a write: what it refuses is raised as ever, and stands on record if it was an attempt (`rules.attempts`).

    `where`: from the write's arguments, the office's path and the subject of the record. Within another write, which is
    taken back by the refusal, the record is the outer one's to make.
    """

    def decorate(fn: Callable[P, R]) -> Callable[P, R]:
        @wraps(fn)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return fn(*args, **kwargs)
            except RuleRefused as refused:
                if not connection.needs_rollback:
                    given: dict[str, Any] = dict(kwargs)
                    path, subject = where(**given)
                    _keep_all(refused, path, subject, exam=given["exam"], by=given["by"], at=given["at"])
                raise

        return run

    return decorate


def _keep_all(
    refused: RuleRefused, path: str, subject: str, *, exam: Exam, by: Actor, at: datetime
) -> list[Refusal]:
    """Those of the refusals that make it an attempt."""
    said = list(refused.refusals)
    found = [r for r in said if attempt_kind(r.code)]
    for kind in sorted({attempt_kind(r.code) for r in found}):
        keep(exam=exam, office_path=path, kind=kind, subject=subject, refusals=said, by=by, at=at)
    return found


@write(None)
def keep(
    *,
    exam: Exam,
    office_path: str,
    kind: str,
    subject: str,
    refusals: list[Refusal],
    by: Actor,
    at: datetime,
) -> Attempt:
    """The attempt stands for ever; some kinds are an alarm until the day is over."""
    said = [
        {"rule": r.rule, "code": r.code, "facts": {k: str(v) for k, v in r.facts.items()}} for r in refusals
    ]
    row = Attempt.objects.create(
        exam=exam, office_path=office_path, kind=kind, subject=subject, refusals=said, by=by.ref, at=at
    )
    record(
        events.ATTEMPT_REFUSED,
        by=by,
        at=at,
        subject=subject,
        exam=exam.slug,
        office_path=office_path,
        rules=sorted({r.rule for r in refusals}),
        data={"kind": kind, "refusals": said},
    )
    return row
