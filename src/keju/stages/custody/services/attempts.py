"""What the rules refused and what somebody must hear of: it stays on record although nothing was done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.stages.custody import events
from keju.stages.custody.models import Attempt
from keju.stages.custody.rules.halfday import attempt_kind

T = TypeVar("T")


@dataclass(frozen=True)
class Refused:
    """Nothing was done, and that it was tried stands on record: returned, not raised, or the record would be undone too."""

    refusals: list[Refusal]


def remembered(
    act: Callable[[], T], *, exam: Exam, office_path: str, subject: str, by: Actor, at: datetime
) -> T | Refused:
    """What `act` returns. What it refuses as against the half-day is kept as an attempt; any other refusal is raised."""
    try:
        return act()
    except RuleRefused as refused:
        kinds = {kind for r in refused.refusals if (kind := attempt_kind(r.code))}
        if not kinds:
            raise
        said = list(refused.refusals)
        for kind in sorted(kinds):
            keep(
                exam=exam, office_path=office_path, kind=kind, subject=subject, refusals=said, by=by, at=at
            )  # fmt: skip
        return Refused(said)


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
    """The attempt stands for ever; it is an alarm until the day is over."""
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
