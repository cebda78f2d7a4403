"""Making papers: which regions are ready, one button each, and the labels."""

from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.jobs import services as jobs
from keju.kernel.offices.queries import office
from keju.rulebook.words import current_language, t
from keju.stages.custody import queries, services
from keju.stages.custody.jobs import LABELS, MAKE_ALL
from keju.stages.custody.queries import containers, making
from keju.stages.custody.services.labels import print_labels

MAKE, PACK = "custody:containers:make", "custody:containers:pack"


@require_GET
@office_page(MAKE)
def making_page(request: Request) -> HttpResponse:
    """Every region: unconfirmed, changed, ready, or made with its counts."""
    rows = making.regions(request.exam, viewer=actor(request))
    facts = {
        "rows": rows,
        "ready": sum(r.may_make for r in rows),
        "made": sum(r.is_made for r in rows),
        "bags": sum(r.bags for r in rows),
        "boxes": sum(r.boxes for r in rows),
        "key": uuid4(),
    }
    return render(request, "custody/making.html", facts)


@require_POST
@office_page(MAKE)
def make(request: Request, region: str) -> HttpResponse:
    """The papers of one region."""
    exam, by = request.exam, actor(request)
    queries.own_region(by, region)
    key = uuid5(posted_key(request), region)
    bags = services.make(exam=exam, region_code=region, key=key, by=by, at=now(exam))
    made = t("{region}的试卷已印制装箱，共 {n} 袋。", "The papers of {region} are made: {n:bag|bags}.")
    messages.success(request, str(made.format(region=office(region).name, n=bags)))
    return redirect("custody-making", exam=exam.slug)


@require_POST
@office_page(MAKE)
def make_all(request: Request) -> HttpResponse:
    """Every region that is ready, as a job."""
    exam = request.exam
    job = jobs.start(MAKE_ALL, exam=exam, key=str(posted_key(request)), by=actor(request), at=now(exam))
    return redirect("jobs-job", exam.slug, job.public)


@require_POST
@office_page(PACK)
def region_labels(request: Request, region: str) -> HttpResponse:
    """The labels of a region, as a job."""
    exam, by = request.exam, actor(request)
    queries.own_region(by, region)
    job = jobs.start(LABELS, exam=exam, region_code=region, language=current_language(), by=by, at=now(exam))
    return redirect("jobs-job", exam.slug, job.public)


@require_POST
@office_page(PACK)
def labels(request: Request, container: str) -> HttpResponse:
    """The label of one container and of what lies in it, at once."""
    exam, by = request.exam, actor(request)
    row = containers.container(exam, container, viewer=by)
    pdf = print_labels(exam=exam, containers=[row], language=current_language(), by=by, at=now(exam))
    return answer(pdf, "application/pdf", f"labels-{row.code}.pdf", inline=True)


def posted_key(request: HttpRequest) -> UUID:
    """The operation's id that came with the form; ValidationError for none."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        raise ValidationError(str(t("请刷新页面后再试。", "Reload the page and try again."))) from None
