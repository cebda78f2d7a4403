"""One bag: images in, what became of them, the practice scanner, lost cards."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import t
from keju.stages.custody.queries.returns import card_bags
from keju.stages.marking import queries, services
from keju.stages.marking.forms import MissingForm, UploadForm
from keju.stages.marking.queries import showing

READ, SCAN, DECIDE = "marking:batch:read", "marking:batch:scan", "marking:reading:adjudicate"
HERE = 20  # so many images are read while the person waits; more by a job
DONE = t(
    "读取 {read} 张，待裁定 {persons} 张，已读过 {already} 张，不能读取 {refused} 张。",
    "{read} read, {persons} for persons, {already} read before, {refused} could not be read.",
)


@require_GET
@office_page(READ)
def batch(request: Request, batch_id: int) -> HttpResponse:
    """The bag with every image that was read of it, and whose cards are awaited."""
    return _page(request, batch_id, UploadForm())


def _page(request: Request, batch_id: int, form: UploadForm, status: int = 200) -> HttpResponse:
    exam, by = request.exam, actor(request)
    found = queries.batch(viewer=by, exam=exam, batch_id=batch_id)
    readings = queries.reading_rows(viewer=by, batch=found)
    row = queries.batch_rows(viewer=by, exam=exam, batch_id=batch_id)[0]
    bags = card_bags(exam, found.site_code, found.session_number, found.room_number, viewer=by)
    context = {
        "batch": found,
        "session": next(s for s in exams.sessions(exam) if s.number == found.session_number),
        "row": row,
        "readings": [(r, showing.reasons_of(r)) for r in readings],
        "bags": bags,
        "differ": _differ(sum(b.counted for b in bags), row.images - row.refused),
        "missing": queries.missing_cards(viewer=by, exam=exam, batch=found),
        "frozen": queries.frozen(exam),
        "form": form,
    }
    return render(request, "marking/batch.html", context, status=status)


def _differ(counted: int, read: int) -> tuple[int, int] | None:
    """(counted into the bag, read out of it) where both are known and not one: a card was lost or added on the way."""
    return (counted, read) if counted and read and counted != read else None


@require_POST
@office_page(SCAN)
def upload(request: Request, batch_id: int) -> HttpResponse:
    """A few images are read at once; many become a job."""
    exam, by = request.exam, actor(request)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            images = services.unpacked([f.read() for f in form.cleaned_data["images"]])
        except ValidationError as error:
            form.add_error("images", error)
        else:
            if len(images) > HERE:
                job = services.queue_images(exam=exam, batch_id=batch_id, images=images, by=by, at=now(exam))
                return redirect("jobs-job", exam.slug, job.public)
            r = services.read_images(exam=exam, batch_id=batch_id, images=images, by=by, at=now(exam))
            said = DONE.format(
                read=r.read, persons=r.to_persons, already=r.already, refused=sum(r.refused.values())
            )
            messages.success(request, str(said))
            return redirect("marking-batch", exam=exam.slug, batch_id=batch_id)
    return _page(request, batch_id, form, 422)


@require_POST
@office_page(SCAN)
def practise(request: Request, batch_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    job = services.queue_practice(exam=exam, batch_ids=[batch_id], by=by, at=now(exam))
    return redirect("jobs-job", exam.slug, job.public)


@require_POST
@office_page(DECIDE)
def missing(request: Request, batch_id: int) -> HttpResponse:
    """This person declares a card lost; a second must too."""
    exam = request.exam
    form = MissingForm(request.POST)
    if form.is_valid():
        services.declare_missing(
            exam=exam, batch_id=batch_id, **form.cleaned_data, by=actor(request), at=now(exam)
        )
        messages.success(
            request, str(t("已记录，须另一人再次确认。", "Recorded. A second person must say so too."))
        )
    else:
        messages.error(request, str(t("请写明查找经过和原因。", "Say how the card was looked for.")))
    return redirect("marking-batch", exam=exam.slug, batch_id=batch_id)
