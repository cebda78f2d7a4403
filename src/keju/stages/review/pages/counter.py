"""The counter at the point: find the candidate, decide, next."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.files.responses import response
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import t
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.registration.queries import category_name
from keju.stages.review import queries, services
from keju.stages.review.forms import AcceptForm, CounterForm, DeskForm, ScanForm

READ, DECIDE = "review:list:read", "review:first:decide"


@require_GET
@office_page(DECIDE)
def counter(request: Request) -> HttpResponse:
    """One field: a code, a number or a name. One hit opens its desk at once; else the list to choose from."""
    exam, by = request.exam, actor(request)
    form = CounterForm(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    rows = queries.find(viewer=by, exam=exam, text=text, today=now(exam).date())
    if text and len(rows) == 1:
        return redirect("review-desk", exam=exam.slug, registration_id=rows[0].id)
    if text and not rows and "ticket" not in request.GET and (asked := _ticket(exam, text)):
        return redirect(asked)
    context = {
        "form": form,
        "text": text,
        "rows": rows,
        "waiting": queries.first_queue(viewer=by, exam=exam, size=20) if not text else [],
        "counts": registration.counts(viewer=by, exam=exam),
        "corrections": queries.waiting(viewer=by, exam=exam),
    }
    return render(request, "review/counter.html", context)


def _ticket(exam: Exam, text: str) -> str:
    """Where the stage of the tickets says whose ticket that is, if the text may be one; it leads back with `ticket`."""
    number = queries.ticket_named(exam, text)
    try:
        return reverse("tickets-find", args=[exam.slug]) + f"?q={number}" if number else ""
    except NoReverseMatch:
        return ""


@require_http_methods(["GET", "POST"])
@office_page(DECIDE)
def desk(request: Request, registration_id: int) -> HttpResponse:
    """The candidate's data and scans at the left; materials, fee, originals, form and result at the right."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    found = registration.detail(viewer=by, exam=exam, registration_id=registration_id)
    row = found.row
    fee = fees.fee_of(exam, row, at)
    paid = fees.payment_of(exam, registration_id)
    form = DeskForm(
        request.POST or None,
        materials=queries.materials(exam, row.route),
        reasons=queries.reasons(exam, row.route),
        initial={"version": row.version, "method": "cash"},
    )
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and form.is_valid():
        passed = request.POST.get("answer") == "pass"
        decision = form.decision(
            registration_id,
            passed=passed,
            total=fee.national if fee.left is None else fee.left,
            paid=paid is not None or fee.covered,
        )
        try:
            receipts = services.decide_first(exam=exam, decisions=[decision], by=by, at=at)
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            _say(request, row, passed=passed, receipt=receipts.get(registration_id, ""))
            return redirect("review-counter", exam=exam.slug)
    context = {
        **_shown(request, found),
        "fee": fee,
        "paid": paid,
        "form": form,
        "refusals": refusals,
    }
    status = 200 if request.method == "GET" else 409 if refusals else 422
    return render(request, "review/desk.html", context, status=status)


def _shown(request: Request, found: registration.Detail) -> dict[str, Any]:
    exam, by, row = request.exam, actor(request), found.row
    first = queries.first_of(exam, row.id)
    return {
        "found": found,
        "row": row,
        "first": first,
        "doubted": row.id in registration.judged_photos(exam=exam, ids=[row.id]),
        "accept": AcceptForm(),
        "doubts": queries.doubts(exam, found),
        "needs": registration.needs(viewer=by, exam=exam, registration_id=row.id),
        "category": category_name(exams.programme(exam), row.category),
        "facts": queries.facts(exam, row.route, found.route_facts),
        "evidence": queries.evidence(exam, row.id, row.route, first.materials if first else {}),
        "scan": ScanForm(),
        "paper": queries.form_of(viewer=by, exam=exam, registration_id=row.id, version=row.version),
        "corrections": queries.corrections_of(viewer=by, exam=exam, registration_id=row.id),
    }


def _say(request: Request, row: registration.Row, *, passed: bool, receipt: str) -> None:
    if passed:
        words = t(
            "{name}（{number}）审核通过。票据号：{receipt}", "{name} ({number}) passed. Receipt: {receipt}"
        )
        messages.success(request, str(words.format(name=row.name, number=row.number, receipt=receipt or "—")))
        return
    words = t(
        "{name}（{number}）审核不通过，已通知考生。", "{name} ({number}) did not pass; the candidate is told."
    )
    messages.warning(request, str(words.format(name=row.name, number=row.number)))


@require_POST
@office_page("registration:photo:overrule")
def accept_photo(request: Request, registration_id: int) -> HttpResponse:
    """A person looked at a doubted photo and accepts it."""
    form = AcceptForm(request.POST)
    if form.is_valid():
        registering.overrule_photo(
            exam=request.exam,
            registration_id=registration_id,
            reason=form.cleaned_data["reason"],
            by=actor(request),
            at=now(request.exam),
        )
        messages.success(request, str(t("照片已认可。", "The photo is accepted.")))
    else:
        messages.error(request, str(t("请写明认可照片的理由。", "Say why the photo is accepted.")))
    return redirect("review-desk", exam=request.exam.slug, registration_id=registration_id)


@require_GET
@office_page(READ)
def photo(request: Request, registration_id: int) -> HttpResponse:
    """The photo of a registration in the viewer's scope."""
    row = registration.row(viewer=actor(request), exam=request.exam, registration_id=registration_id)
    # The row is in the viewer's scope, so is its photo, whoever stored the file.
    return response(row.photo_sha256, Actor.system("review"), "photo.jpg", inline=True)
