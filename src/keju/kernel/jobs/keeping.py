"""What the runner writes on a job's row, and the event of every change of it."""

from datetime import datetime

from django.db.models import F

from keju.kernel.audit import record, write
from keju.kernel.jobs.models import OPEN, Job, State
from keju.kernel.jobs.progress import Progress
from keju.kernel.offices import Actor
from keju.rulebook.words import Words


@write(None)
def begin(*, job: Job, by: Actor, at: datetime) -> bool:
    """The job runs, for the first time or again after a crash. False: it is over or was cancelled, do not run it."""
    changed = Job.objects.filter(pk=job.pk, state__in=OPEN, cancel_asked=False).update(
        state=State.RUNNING, attempts=F("attempts") + 1, begun_at=at, seen_at=at
    )
    job.refresh_from_db()
    event("jobs.job.begun" if changed else "jobs.job.left", job, by=by, at=at)
    return bool(changed)


@write(None)
def end(*, job: Job, state: str, progress: Progress, words: Words | None, by: Actor, at: datetime) -> None:
    """The job is over in `state`, with its counts, its result and what there is to say."""
    facts = progress.facts()
    if words is not None:
        facts |= {"note_zh": words.zh[:500], "note_en": words.en[:500]}
    Job.objects.filter(pk=job.pk, state__in=OPEN).update(state=state, ended_at=at, seen_at=at, **facts)
    job.refresh_from_db()
    event(f"jobs.job.{state}", job, by=by, at=at)


def event(name: str, job: Job, *, by: Actor, at: datetime) -> None:
    record(
        name,
        by=by,
        at=at,
        subject=f"job:{job.public}",
        exam=job.exam_slug,
        office_path=job.office_path,
        data={
            "kind": job.kind, "state": job.state, "attempts": job.attempts, "done": job.done, "total": job.total,
            "skipped": job.skipped, "errors": job.error_count,
        },
    )  # fmt: skip
