"""Starting, stopping and finishing long work."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from procrastinate.contrib.django import app

from keju.kernel.audit import record, write
from keju.kernel.audit.identifiers import uuid7
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import actors, registry
from keju.kernel.jobs.models import OPEN, Job, State
from keju.kernel.jobs.progress import Progress
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import Words, current_language, t

TASK = "keju.run"
QUEUE = "work"
UNKNOWN = t("本系统没有安装这种任务。", "This kind of work is not installed here.")


def start(kind: str, *, by: Actor, at: datetime, exam: Exam | None = None, **args: Any) -> Job:
    """The work waits for a worker, from the moment the caller's transaction commits; `args` are plain JSON values.

    If the same work (kind, exam, office, args) is already waiting or running, that job is returned and nothing
    is started: two clicks start one.
    """
    return _start(kind=kind, exam=exam, args=args, by=by, at=at)


@write(None)
def cancel(*, job: Job, by: Actor, at: datetime) -> None:
    """A waiting job is cancelled; a running one stops at its next step. What is over stays as it is."""
    Job.objects.filter(pk=job.pk, state=State.WAITING).update(
        state=State.CANCELLED, ended_at=at, cancel_asked=True
    )
    Job.objects.filter(pk=job.pk, state=State.RUNNING).update(cancel_asked=True)
    job.refresh_from_db()
    _event("jobs.job.cancelled", job, by=by, at=at)


def run_now(job: Job) -> Job:
    """The job is run here and now, in the caller's connection: for tests, demos and the rehearsal's clockwork."""
    from keju.kernel.jobs.running import run_here  # noqa: PLC0415  running imports this module's writes

    return run_here(job)


@write(None)
def begin(*, job: Job, by: Actor, at: datetime) -> bool:
    """The job runs, for the first time or again after a crash. False: it is over or was cancelled, do not run it."""
    changed = Job.objects.filter(pk=job.pk, state__in=OPEN, cancel_asked=False).update(
        state=State.RUNNING, attempts=F("attempts") + 1, begun_at=at, seen_at=at
    )
    job.refresh_from_db()
    _event("jobs.job.begun" if changed else "jobs.job.left", job, by=by, at=at)
    return bool(changed)


@write(None)
def end(*, job: Job, state: str, progress: Progress, words: Words | None, by: Actor, at: datetime) -> None:
    """The job is over in `state`, with its counts, its result and what there is to say."""
    facts = progress.facts()
    if words is not None:
        facts |= {"note_zh": words.zh[:500], "note_en": words.en[:500]}
    Job.objects.filter(pk=job.pk, state__in=OPEN).update(state=state, ended_at=at, seen_at=at, **facts)
    job.refresh_from_db()
    _event(f"jobs.job.{state}", job, by=by, at=at)


# Open rows for which the queue has nothing waiting or running: a worker lost the database before it could say so.
LOST = """
SELECT id FROM jobs_job j WHERE state IN ('waiting', 'running') AND NOT EXISTS (
  SELECT FROM procrastinate_jobs q WHERE q.task_name = %s AND q.status IN ('todo', 'doing')
    AND (q.args->>'job_id')::bigint = j.id)
"""


def resume_lost(*, by: Actor, at: datetime) -> int:
    """Open jobs that the queue no longer knows wait again. Returns how many; none is no event."""
    with acting(Actor.system("jobs")):
        with connection.cursor() as cursor:
            cursor.execute(LOST, [TASK])
            found = [row[0] for row in cursor.fetchall()]
        if found:
            _resume(found, by=by, at=at)
    return len(found)


@write(None)
def _resume(job_ids: list[int], *, by: Actor, at: datetime) -> None:
    for job_id in job_ids:
        app.configure_task(TASK, queue=QUEUE).defer(job_id=job_id)
    record("jobs.lost.resumed", by=by, at=at, subject="jobs", office_path="/", data={"jobs": job_ids})


@write(None)
def _start(*, kind: str, exam: Exam | None, args: dict[str, Any], by: Actor, at: datetime) -> Job:
    try:
        registry.kind(kind)
    except KeyError as error:
        raise ValidationError(str(UNKNOWN)) from error
    slug = exam.slug if exam else ""
    lock = _lock(kind, slug, by.office_path, args)
    with acting(Actor.system("jobs")):
        found = Job(
            public=uuid7(at),
            kind=kind,
            exam_slug=slug,
            office_path=by.office_path or "/",
            person_id=by.person_id,
            started_by=by.ref,
            actor=actors.plain(by),
            language=current_language(),
            args=args,
            lock=lock,
            made_at=at,
        )
        Job.objects.bulk_create([found], ignore_conflicts=True)
        job = Job.objects.get(lock=lock, state__in=OPEN)
        fresh = job.public == found.public
        if fresh:
            app.configure_task(TASK, queue=QUEUE).defer(job_id=job.pk)
    _event("jobs.job.started" if fresh else "jobs.job.already_open", job, by=by, at=at)
    return job


def _lock(kind: str, slug: str, office_path: str, args: dict[str, Any]) -> str:
    body = json.dumps(args, sort_keys=True, ensure_ascii=False)
    return f"{kind}:{slug}:{office_path}:{hashlib.sha256(body.encode()).hexdigest()[:32]}"


def _event(name: str, job: Job, *, by: Actor, at: datetime) -> None:
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
