"""One registration as an office sees it: photo with findings, versions, recorded unmasking."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook import Refusal
from keju.rulebook.words import t
from keju.stages.registration import documents, queries, services
from keju.stages.registration.forms import ReasonForm, UnmaskForm
from keju.stages.registration.pages.told import history


@require_safe
@office_page("registration:list:read")
def detail(request: Request, registration_id: int) -> HttpResponse:
    """The registration with its telephone masked; everything else as stated."""
    return _page(request, registration_id)


@require_POST
@office_page("registration:person:unmask")
def unmask(request: Request, registration_id: int) -> HttpResponse:
    """The same page once, with identity number, telephone, e-mail and address in clear; on record."""
    form = UnmaskForm(request.POST)
    if not form.is_valid():
        return _page(request, registration_id, unmask_form=form)
    exam = request.exam
    clear = services.unmask(
        exam=exam,
        registration_id=registration_id,
        reason=form.cleaned_data["reason"],
        by=actor(request),
        at=now(exam),
    )
    answer = _page(request, registration_id, clear=clear)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@office_page("registration:photo:overrule")
def overrule(request: Request, registration_id: int) -> HttpResponse:
    """Somebody looked at the photo and accepts what the checker only doubted."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, registration_id, overrule_form=form)
    exam = request.exam
    services.overrule_photo(
        exam=exam,
        registration_id=registration_id,
        reason=form.cleaned_data["reason"],
        by=actor(request),
        at=now(exam),
    )
    messages.success(request, str(t("照片已人工放行。", "The photo is accepted.")))
    return redirect("registration-detail", exam=exam.slug, registration_id=registration_id)


@require_POST
@office_page("registration:need:decide")
def decide_needs(request: Request, registration_id: int) -> HttpResponse:
    """What the candidate needs is granted, whatever else was asked for is declined, with the grounds."""
    exam = request.exam
    form = ReasonForm(request.POST, auto_id="needs_%s")
    if not form.is_valid():
        return _page(request, registration_id, needs_form=form)
    services.decide_needs(
        exam=exam,
        registration_id=registration_id,
        granted=request.POST.getlist("granted"),
        seen=request.POST.getlist("seen"),
        reason=form.cleaned_data["reason"],
        by=actor(request),
        at=now(exam),
    )
    messages.success(request, str(t("已记录，并已告知考生。", "On record, and the candidate is told.")))
    return redirect("registration-detail", exam=exam.slug, registration_id=registration_id)


def _page(
    request: Request,
    registration_id: int,
    *,
    needs_form: ReasonForm | None = None,
    clear: object = None,
    unmask_form: UnmaskForm | None = None,
    overrule_form: ReasonForm | None = None,
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    found = queries.detail(viewer=by, exam=exam, registration_id=registration_id)
    check, programme = found.photo, exams.programme(exam)
    changes = queries.history(viewer=by, exam=exam, registration_id=registration_id)
    wrong = unmask_form or overrule_form or needs_form
    return render(
        request,
        "registration/detail.html",
        {
            "found": found,
            "row": found.row,
            "clear": clear,
            "document": documents.document_name(found.document_kind),
            "country": documents.country_name(found.country) if found.document_kind == "passport" else "",
            "sex": documents.SEXES.get(found.row.sex, found.row.sex),
            "state": documents.STATES.get(found.row.state, found.row.state),
            "stated": documents.stated(programme, found.row.category, found.row.route, found.route_facts),
            "doubts": [Refusal("V5.2.2", f"registration_photo_{c}") for c in (check.judged if check else [])],
            "history": history(exam, changes, masked=True),
            "unmask_form": unmask_form or UnmaskForm(auto_id="unmask_%s"),
            "needs": queries.needs(viewer=by, exam=exam, registration_id=registration_id),
            "needs_form": needs_form or ReasonForm(auto_id="needs_%s"),
            "overrule_form": overrule_form or ReasonForm(auto_id="overrule_%s"),
        },
        status=422 if wrong else 200,
    )
