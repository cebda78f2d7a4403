"""What the rules refused and has to be known afterwards: somebody who has a key of a store was to guard it (V12.2.4)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.stages.staffing import events

P, R = ParamSpec("P"), TypeVar("R")
ATTEMPTS = frozenset({"staffing_shift_keys"})


def on_record(fn: Callable[P, R]) -> Callable[P, R]:
    """Decorate a write on rosters: what it refuses is raised as ever; that it was tried stands on record if it was an attempt.

    Within another write, which is taken back by the refusal, the record is the outer one's to make.
    """

    @wraps(fn)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return fn(*args, **kwargs)
        except RuleRefused as refused:
            tried = [r for r in refused.refusals if r.code in ATTEMPTS]
            if tried and not connection.needs_rollback:
                _keep(tried, **{name: kwargs[name] for name in ("exam", "by", "at")})  # type: ignore[arg-type]
            raise

    return run


@write(None)
def _keep(tried: list[Refusal], *, exam: Exam, by: Actor, at: datetime) -> None:
    record(
        events.SHIFT_REFUSED,
        by=by,
        at=at,
        subject=f"office:{by.office_code}",
        exam=exam.slug,
        office_path=by.office_path,
        rules=sorted({r.rule for r in tried}),
        data={"codes": sorted({r.code for r in tried}), "count": len(tried)},
    )
