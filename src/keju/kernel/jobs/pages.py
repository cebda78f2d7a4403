"""Watching long work: the page, its fragment, stopping it, fetching its result."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import response
from keju.kernel.jobs import queries, registry, services

# Every office holds it: who may see a job is said by its row, not by a permission of its own.
READ = "duties:board:read"


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    found = queries.jobs(viewer=actor(request), exam_slug=request.exam.slug)[:50]
    rows = [{"job": job, "title": registry.title(job.kind)} for job in found]
    return render(request, "jobs/listing.html", {"rows": rows})


@require_GET
@office_page(READ)
def job(request: Request, job: UUID) -> HttpResponse:
    context = _shown(request, job)
    return render(request, "jobs/_job.html" if "HX-Request" in request.headers else "jobs/job.html", context)


@require_POST
@office_page(READ)
def cancel(request: Request, job: UUID) -> HttpResponse:
    found = queries.job(job, viewer=actor(request))
    if not queries.is_own(found, viewer=actor(request)):
        raise NotPermitted
    services.cancel(job=found, by=actor(request), at=now(request.exam))
    return redirect("jobs-job", request.exam.slug, job)


@require_GET
@office_page(READ)
def result(request: Request, job: UUID) -> HttpResponse:
    """Only for whoever started it: an office's colleague may lack the permission that the export needed."""
    found = queries.job(job, viewer=actor(request))
    if not found.result or not queries.is_own(found, viewer=actor(request)):
        raise NotPermitted(hidden=True)
    return response(found.result, actor(request))


def _shown(request: Request, public: UUID) -> dict[str, Any]:
    found = queries.job(public, viewer=actor(request))
    slug = request.exam.slug
    own = queries.is_own(found, viewer=actor(request))
    shown = {
        "id": str(found.public),
        "state": found.state,
        "name": registry.title(found.kind),
        "done": found.done + found.skipped,
        "total": found.total,
        "errors": found.error_count,
        "result_url": reverse("jobs-result", args=[slug, public])
        if own and found.result and not found.is_open
        else "",
    }
    return {
        "job": shown,
        "row": found,
        "poll_url": reverse("jobs-job", args=[slug, public]),
        "cancel_url": reverse("jobs-cancel", args=[slug, public]) if own else "",
    }
