"""Seeing jobs."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from keju.kernel.jobs.models import Job
from keju.kernel.offices import Actor


def job(public: UUID, *, viewer: Actor) -> Job:
    """A job of the viewer's offices, or started by them; `Job.DoesNotExist` otherwise."""
    return jobs(viewer=viewer).get(public=public)


def jobs(*, viewer: Actor, exam_slug: str | None = None) -> QuerySet[Job]:
    """Newest first. The rows are the viewer's by row-level security: call it inside their scope."""
    found = Job.objects.order_by("-made_at", "-pk")
    if viewer.office_path:
        found = found.filter(office_path__startswith=viewer.office_path)
    elif viewer.person_id is not None:
        found = found.filter(person_id=viewer.person_id)
    else:
        found = found.none()
    return found if exam_slug is None else found.filter(exam_slug=exam_slug)


def was_started(kind: str, exam_slug: str, *, since: datetime) -> bool:
    """Whether work of the kind was asked for from that moment on, however it ended."""
    return Job.objects.filter(kind=kind, exam_slug=exam_slug, made_at__gte=since).exists()


def is_own(job: Job, *, viewer: Actor) -> bool:
    """Whether the viewer started it: only they stop it or fetch its result."""
    return job.started_by == viewer.ref
