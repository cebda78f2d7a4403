"""A region's publication in other media, and its answers to candidates' questions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.files import responses
from keju.kernel.notices.attaching import keep
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.announcement import queries, services
from keju.stages.announcement.forms import AnswerForm, PublicationForm, StrikeForm

PUBLISH = "announcement:region:publish"
STORE = Actor.system("announcement")


@office_page(PUBLISH)
def media(request: Request) -> HttpResponse:
    """Where else the region published (V3.3); what its page still lacks; a further one is recorded here."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    form = PublicationForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        data["evidence"] = keep(data["evidence"], office_path=by.office_path, by=by, at=at) or ""
        try:
            services.record_publication(exam=exam, region_code=by.region_code, **data, by=by, at=at)
        except RuleRefused as refused:
            for reason in refused.refusals:
                form.add_error(reason.field or None, str(reason.words(exams.programme(exam))))
        else:
            messages.success(request, str(t("已登记。", "It is on record.")))
            return redirect("announcement-media", exam=exam.slug)
    facts = {
        "form": form,
        "rows": queries.publications(exam, by.region_code),
        "lacking": queries.unpublished(exam, by.region_code),
    }
    return render(request, "announcement/media.html", facts, status=422 if form.errors else 200)


@office_page("announcement:notice:read")
def evidence(request: Request, publication_id: int) -> HttpResponse:
    """The scan or photograph that proves a publication."""
    row = queries.publication(request.exam, publication_id, viewer=actor(request))
    return responses.response(row.evidence, STORE, inline=True)


@office_page(PUBLISH)
def strike(request: Request, publication_id: int) -> HttpResponse:
    row = queries.publication(request.exam, publication_id, viewer=actor(request))
    form = StrikeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.strike_publication(
            exam=request.exam,
            publication_id=row.pk,
            reason=form.cleaned_data["reason"],
            by=actor(request),
            at=now(request.exam),
        )
        messages.success(request, str(t("已划去。", "The entry is struck out.")))
        return redirect("announcement-media", exam=request.exam.slug)
    return render(
        request, "announcement/strike.html", {"form": form, "row": row}, status=422 if form.errors else 200
    )


@office_page(PUBLISH)
def answers(request: Request) -> HttpResponse:
    """The region's questions and answers."""
    rows = queries.answers(request.exam, actor(request).region_code)
    return render(request, "announcement/answers.html", {"rows": rows})


@office_page(PUBLISH)
def answer_new(request: Request) -> HttpResponse:
    return _answer(request, AnswerForm(request.POST or None))


@office_page(PUBLISH)
def answer(request: Request, answer_id: int) -> HttpResponse:
    """One question with its answer, to be worded anew or withdrawn."""
    row = queries.answer(request.exam, answer_id, viewer=actor(request))
    if request.method == "POST" and "withdraw" in request.POST:
        services.withdraw_answer(
            exam=request.exam,
            answer_id=row.pk,
            version=seen_version(request),
            by=actor(request),
            at=now(request.exam),
        )
        messages.success(request, str(t("已撤下，不再公开。", "Withdrawn: it is no longer public.")))
        return redirect("announcement-answers", exam=request.exam.slug)
    words = {name: getattr(row, name) for name in AnswerForm.base_fields}
    return _answer(
        request, AnswerForm(request.POST or None, initial=words), answer_id=row.pk, version=row.version
    )


def _answer(
    request: Request, form: AnswerForm, answer_id: int | None = None, version: int = 0
) -> HttpResponse:
    by = actor(request)
    if request.method == "POST" and form.is_valid():
        services.say_answer(
            exam=request.exam,
            region_code=by.region_code,
            answer_id=answer_id,
            version=seen_version(request),
            **form.cleaned_data,
            by=by,
            at=now(request.exam),
        )
        messages.success(
            request,
            str(t("已公开在考区页和常见问题页。", "It stands on the region's page and among the questions.")),
        )
        return redirect("announcement-answers", exam=request.exam.slug)
    facts = {"form": form, "version": version, "answer_id": answer_id}
    return render(request, "announcement/answer.html", facts, status=422 if form.errors else 200)
