"""Changing the data: at the counter, and by corrections that another person decides."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, candidate_page, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.registration.queries import FACTS
from keju.stages.review import queries, services
from keju.stages.review.forms import AnswerForm, ChangeForm, CorrectionFilter
from keju.stages.review.services import Wish

READ, FIRST, DECIDE = "review:list:read", "review:first:decide", "review:correction:decide"


@require_http_methods(["GET", "POST"])
@office_page(FIRST)
def change(request: Request, registration_id: int) -> HttpResponse:
    """Before the first review the data are put right at once; afterwards a correction is asked for."""
    exam, by = request.exam, actor(request)
    row = registration.row(viewer=by, exam=exam, registration_id=registration_id)
    waiting = row.state == "submitted"
    form = _form(request, row, masked=True, routes=waiting)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if waiting:
                services.mend(
                    exam=exam,
                    registration_id=row.id,
                    changes=form.changes(),
                    reason=given["reason"],
                    version=given["version"] or 0,
                    by=by,
                    at=now(exam),
                )
                said = t(
                    "信息已更正，此前打印的报名表作废。", "Put right; earlier prints of the form are void."
                )
            else:
                wish = Wish(row.id, form.changes(), given["reason"], given["version"] or 0)
                services.report_corrections(exam=exam, wishes=[wish], by=by, at=now(exam))
                said = t("更正申请已提交，由另一人决定。", "Asked for; another person decides.")
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            messages.success(request, str(said))
            return redirect("review-desk", exam=exam.slug, registration_id=row.id)
    context = {"form": form, "row": row, "waiting": waiting, "refusals": refusals}
    return render(request, "review/change.html", context, status=_status(request, refusals))


@require_http_methods(["GET", "POST"])
@candidate_page
def ask(request: Request) -> HttpResponse:
    """A confirmed candidate asks for a correction of their own data."""
    exam, by = request.exam, actor(request)
    found = queries.standing(viewer=by, exam=exam)
    own = registration.own(viewer=by, exam=exam)
    if found is None or own is None or not found.may_correct:
        return redirect("review-own", exam=exam.slug)
    row = registration.row(viewer=by, exam=exam, registration_id=own.pk)
    form = _form(request, row, masked=False, routes=False)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_correction(
                exam=exam, changes=form.changes(), reason=form.cleaned_data["reason"], by=by, at=now(exam)
            )
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            said = t(
                "申请已提交，由考点或考区另一位工作人员决定，结果会发到您的消息里。",
                "Asked for. Another member of staff decides; the outcome comes as a message.",
            )
            messages.success(request, str(said))
            return redirect("review-own", exam=exam.slug)
    context = {"form": form, "row": row, "refusals": refusals}
    return render(request, "review/ask.html", context, status=_status(request, refusals))


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """Corrections under one's office, those that wait first of all."""
    exam, by = request.exam, actor(request)
    form = CorrectionFilter(request.GET)
    after = after_of(request)
    found = queries.corrections(viewer=by, exam=exam, state=form.chosen(), after=after, size=queries.PAGE + 1)
    items, page = cut(found, queries.PAGE, after, key="correction.pk")
    return render(request, "review/corrections.html", {"filters": form, "items": items, "page": page})


@require_GET
@office_page(READ)
def one(request: Request, correction_id: int) -> HttpResponse:
    """What would change, old and new side by side, why, and what stands against it."""
    exam, by = request.exam, actor(request)
    found = queries.correction(viewer=by, exam=exam, correction_id=correction_id)
    return render(request, "review/correction.html", _decision(request, found, AnswerForm(), ()))


@require_POST
@office_page(DECIDE)
def decide(request: Request, correction_id: int) -> HttpResponse:
    """Approved: a new version, prints void. Refused: with the reason."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    found = queries.correction(viewer=by, exam=exam, correction_id=correction_id)
    form = AnswerForm(request.POST)
    try:
        if request.POST.get("answer_is") == "approve":
            services.approve_corrections(exam=exam, correction_ids=[correction_id], by=by, at=at)
            said = t(
                "已批准：信息已更新，此前打印的报名表作废，已通知考生重新签字。",
                "Approved: the data are changed, earlier prints void, the candidate told to sign anew.",
            )
        else:
            answer = form.cleaned_data["answer"] if form.is_valid() else ""
            services.refuse_correction(exam=exam, correction_id=correction_id, answer=answer, by=by, at=at)
            said = t("未批准，已通知考生。", "Refused; the candidate is told.")
    except RuleRefused as refused:
        context = _decision(request, found, form, refused.refusals)
        return render(request, "review/correction.html", context, status=409)
    messages.success(request, str(said))
    return redirect("review-corrections", exam=exam.slug)


@require_POST
@office_page(FIRST)
def signed(request: Request, correction_id: int) -> HttpResponse:
    """The candidate signed the form as it now stands."""
    exam, by = request.exam, actor(request)
    found = queries.correction(viewer=by, exam=exam, correction_id=correction_id)
    services.sign_corrections(exam=exam, correction_ids=[correction_id], by=by, at=now(exam))
    messages.success(request, str(t("已登记签字。", "The signature is recorded.")))
    return redirect("review-desk", exam=exam.slug, registration_id=found.row.id)


def _decision(
    request: Request, found: queries.Asked, form: AnswerForm, refusals: tuple[Refusal, ...]
) -> dict[str, Any]:
    by = actor(request)
    return {
        "item": found,
        "row": found.row,
        "form": form,
        "refusals": refusals,
        "own": found.correction.asked_by == by.ref,
        "by_candidate": found.correction.asked_by.startswith("candidate:"),
    }


def _form(request: Request, row: registration.Row, *, masked: bool, routes: bool) -> ChangeForm:
    """`routes`: another route may still be chosen, with the facts that it asks for."""
    programme = exams.programme(request.exam)
    now_stated = registering.amendable(exam=request.exam, registration_id=row.id)
    return ChangeForm(
        request.POST or None,
        now={**now_stated, "version": str(row.version)},
        categories=[(c.code, c.name) for c in programme.categories],
        routes=[(r.code, r.name) for r in programme.routes] if routes else [],
        facts=[key for key in FACTS if routes or key in now_stated],
        masked=masked,
    )


def _status(request: Request, refusals: tuple[Refusal, ...]) -> int:
    return 200 if request.method == "GET" else 409 if refusals else 422
