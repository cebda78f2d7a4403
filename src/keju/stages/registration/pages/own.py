"""The candidate's own registration: seen, changed, withdrawn, receipt."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from keju.kernel.audit import Stale
from keju.kernel.calendar import now
from keju.kernel.documents.pictures import qr_svg
from keju.kernel.exams.access import Request, actor, candidate_page, seen_version
from keju.kernel.files.responses import answer
from keju.rulebook.words import current_language, t
from keju.stages.registration import queries, services
from keju.stages.registration.forms import NeedsForm, WithdrawForm
from keju.stages.registration.pages.journey import answers_of, editing_of
from keju.stages.registration.pages.told import history, sections, state_words, submission_of


@require_safe
@candidate_page
def registration(request: Request) -> HttpResponse:
    """What is registered, its history, and what may still be done with it."""
    exam, by = request.exam, actor(request)
    own = queries.own(viewer=by, exam=exam)
    if own is None:
        return redirect("registration-start", exam=exam.slug)
    refusals = queries.window_refusals(exam=exam, point_code=own.point_code, at=now(exam))
    check = queries.photo_check(own.photo_sha256)
    changes = queries.history(viewer=by, exam=exam, registration_id=own.pk)
    return render(
        request,
        "registration/own.html",
        {
            "own": own,
            "number": queries.number_of(exam, own.pk),
            "state_words": state_words(own.state),
            "sections": sections(exam, submission_of(own)),
            "history": history(exam, changes, masked=False),
            "refusals": refusals,
            "doubts": bool(check and check.judged) and not own.photo_overruled_by,
            "changeable": own.state == "submitted",
            "draft": queries.draft(viewer=by, exam=exam)[0].get("editing") == editing_of(own),
        },
    )


@require_POST
@candidate_page
def edit(request: Request) -> HttpResponse:
    """The registration is opened in the wizard, to be changed and submitted again."""
    exam, by = request.exam, actor(request)
    own = queries.own(viewer=by, exam=exam)
    if own is None or own.state != "submitted":
        raise Stale
    if queries.window_refusals(exam=exam, point_code=own.point_code, at=now(exam)):
        return redirect("registration-own", exam=exam.slug)
    answers, version = queries.draft(viewer=by, exam=exam)
    if answers.get("editing") != editing_of(own):  # else what was changed and not yet submitted stays
        services.save_draft(
            exam=exam,
            candidate_id=by.candidate_id or 0,
            answers=answers_of(own),
            version=version,
            by=by,
            at=now(exam),
        )
    return redirect("registration-step", exam=exam.slug, step="review")


@candidate_page
def needs(request: Request) -> HttpResponse:
    """What the candidate needs to sit the exam: asked for here, decided at the point."""
    exam, by = request.exam, actor(request)
    own = queries.own(viewer=by, exam=exam)
    if own is None or own.state not in ("submitted", "confirmed"):
        return redirect("registration-own", exam=exam.slug)
    form = NeedsForm(request.POST or None, kinds=queries.needs(viewer=by, exam=exam, registration_id=own.pk))
    if request.method == "POST" and form.is_valid():
        services.ask_needs(
            exam=exam,
            registration_id=own.pk,
            kinds=form.cleaned_data["kinds"],
            note=form.cleaned_data["note"],
            by=by,
            at=now(exam),
        )
        said = t(
            "已登记。现场确认时请带上证明，由考点决定。",
            "Noted. Bring what shows it when you confirm; your point decides.",
        )
        messages.success(request, str(said))
        return redirect("registration-own-needs", exam=exam.slug)
    return render(request, "registration/needs.html", {"form": form}, status=422 if form.errors else 200)


@candidate_page
def withdraw(request: Request) -> HttpResponse:
    """Asks once more and for the reason; then the registration is withdrawn."""
    exam, by = request.exam, actor(request)
    own = queries.own(viewer=by, exam=exam)
    if own is None or own.state != "submitted":
        return redirect("registration-own", exam=exam.slug)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.withdraw(
            exam=exam,
            registration_id=own.pk,
            version=seen_version(request),
            reason=form.cleaned_data["reason"],
            by=by,
            at=now(exam),
        )
        said = t("报名已撤回。截止前可以重新报名。", "Withdrawn. You may register anew until the close.")
        messages.success(request, str(said))
        return redirect("registration-own", exam=exam.slug)
    facts = {
        "form": form,
        "own": own,
        "number": queries.number_of(exam, own.pk),
        "refusals": queries.window_refusals(exam=exam, point_code=own.point_code, at=now(exam)),
        "closes": queries.closes(exam=exam, point_code=own.point_code),
    }
    return render(request, "registration/withdraw.html", facts, status=422 if form.errors else 200)


@require_safe
@candidate_page
def done(request: Request) -> HttpResponse:
    """Registered: the number, the code, the receipt, how to pay, and what comes next."""
    exam, by = request.exam, actor(request)
    own = queries.own(viewer=by, exam=exam)
    if own is None or own.state == "withdrawn":
        return redirect("registration-start", exam=exam.slug)
    if own.state != "submitted":  # an old address: what it says to do next is done
        return redirect("registration-own", exam=exam.slug)
    facts = {
        "own": own,
        "number": queries.number_of(exam, own.pk),
        "fee_reference": queries.fee_reference(own.pk),
    }
    return render(request, "registration/done.html", facts)


@require_safe
@candidate_page
def code(request: Request) -> HttpResponse:
    """The signed code as a picture."""
    exam = request.exam
    own = queries.own(viewer=actor(request), exam=exam)
    if own is None:
        return redirect("registration-start", exam=exam.slug)
    return HttpResponse(qr_svg(services.code_of(exam, own.pk)), content_type="image/svg+xml")


@require_POST
@candidate_page
def receipt(request: Request) -> HttpResponse:
    """The receipt as PDF; the ledger counts it."""
    exam, by = request.exam, actor(request)
    own = queries.own(viewer=by, exam=exam)
    if own is None or own.state == "withdrawn":
        raise Stale
    printed = services.print_receipt(
        exam=exam, registration_id=own.pk, language=current_language(), by=by, at=now(exam)
    )
    return answer(printed.pdf, "application/pdf", f"keju-{queries.number_of(exam, own.pk)}.pdf", inline=True)
