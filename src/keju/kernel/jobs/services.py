"""Starting and stopping long work."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from procrastinate.contrib.django import app

from keju.kernel.audit import record, write
from keju.kernel.audit.identifiers import uuid7
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import actors, registry
from keju.kernel.jobs.keeping import event
from keju.kernel.jobs.models import OPEN, Job, State
from keju.kernel.jobs.running import run_here as run_now
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import current_language, t

__all__ = ["cancel", "resume_lost", "run_now", "start"]

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
    event("jobs.job.cancelled", job, by=by, at=at)


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
    event("jobs.job.started" if fresh else "jobs.job.already_open", job, by=by, at=at)
    return job


def _lock(kind: str, slug: str, office_path: str, args: dict[str, Any]) -> str:
    body = json.dumps(args, sort_keys=True, ensure_ascii=False)
    return f"{kind}:{slug}:{office_path}:{hashlib.sha256(body.encode()).hexdigest()[:32]}"
