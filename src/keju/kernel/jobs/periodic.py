"""What happens every minute, found by name: parts above this one are not imported, only called if they are there."""

import logging
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from procrastinate import App

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.jobs import services
from keju.kernel.offices import Actor, acting, tallies

log = logging.getLogger(__name__)
CLOCK = Actor.system("clock")
STALLED_AFTER = 30.0
#: name, module and function that each exam is given to
EVERY_EXAM = (
    ("duties", "keju.kernel.duties.services", "escalate"),
    ("notices", "keju.kernel.notices.services", "remind_late"),
    ("recusal", "keju.stages.staffing.services.recusal", "keep_recusal"),
    ("hints", "keju.stages.staffing.services.hints", "keep_hints"),
    ("cards", "keju.stages.custody.services.returns", "settle_returns"),
    ("custody", "keju.stages.custody.services.alarms", "watch"),
    ("chain", "keju.stages.custody.services.checking", "check_by_night"),
)


def every_minute() -> list[str]:
    """Each part that is there has been called once; one that fails does not keep the others from their turn.

    Returns the names of those that did their work.
    """
    done = []
    for name, call in _calls():
        try:
            call()
            done.append(name)
        except Exception:
            log.exception("every minute: %s", name)
    return done


def _calls() -> Iterator[tuple[str, Callable[[], Any]]]:
    yield "jobs", lambda: services.resume_lost(by=CLOCK, at=now())
    for part, module, verb in EVERY_EXAM:
        call = _found(module, verb)
        for exam in exams.exams() if call else []:
            yield (
                f"{part}:{exam.slug}",
                lambda call=call, exam=exam: _scoped(call, exam=exam, by=CLOCK, at=now(exam)),
            )
    yield "tallies", tallies.fold
    sequence = _found("keju.kernel.audit.sequencing", "sequence_and_sign")
    if sequence:
        yield "audit", lambda: sequence(at=now())  # last: what the others did is under the checkpoint too


def _scoped(function: Callable[..., Any], **facts: Any) -> Any:
    with acting(CLOCK):
        return function(**facts)


def _found(module: str, name: str) -> Any:
    return getattr(import_module(module), name, None) if find_spec(module) else None


async def rescue(app: App) -> int:
    """Jobs of workers without a heartbeat for half a minute wait again. Returns how many."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER))
    for job in stalled:
        await app.job_manager.retry_job(job)
    return len(stalled)
