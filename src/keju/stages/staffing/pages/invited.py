"""The page behind a one-time link: what one is appointed to, accepting or declining, and reporting for who reports."""

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, public_page
from keju.kernel.offices.queries import office
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.staffing import queries, rules, services
from keju.stages.staffing.forms import ReportForm
from keju.stages.staffing.forms.recusal import DeclarationForm
from keju.stages.staffing.queries import Invited, recusal
from keju.stages.staffing.rules.recusal import STATEMENT
from keju.stages.staffing.services.recusal import declare_in_person

TRIES, HOUR = 60, 3600
TOO_OFTEN = t("尝试次数过多，请一小时后再试。", "Too many tries; come back in an hour.")


@require_GET
@never_cache
@public_page
def invited(request: Request, token: str) -> HttpResponse:
    """The appointment with accept and decline, or what became of it."""
    return _page(request, token)


@require_POST
@never_cache
@public_page
def answer(request: Request, token: str) -> HttpResponse:
    """Accepted or declined, by the person themselves, once."""
    exam = request.exam
    found = opened(request, token)
    given = request.POST.get("answer", "")
    if given not in ("accept", "decline"):  # an answer that was lost on the way is none
        return redirect("staffing-invited", exam=exam.slug, token=token)
    accept = given == "accept"
    reason = request.POST.get("reason", "")[:300]
    services.answer(invited=found, accept=accept, reason=reason, by=found.actor, at=now(exam))
    words = (
        t("已接受，谢谢。", "Accepted, thank you.")
        if accept
        else t("已谢绝，已告知考试机构。", "Declined; the office is told.")
    )
    messages.success(request, str(words))
    return redirect("staffing-invited", exam=exam.slug, token=token)


@require_POST
@never_cache
@public_page
def report(request: Request, token: str) -> HttpResponse:
    """What an inspector or supervisor found goes to the office that sent them."""
    exam = request.exam
    found = opened(request, token)
    phase = request.POST.get("phase", "")
    form = ReportForm(request.POST, phase=phase if phase in rules.PHASES else "emergency")
    if not form.is_valid():
        return _page(request, token, form)
    services.file_report(
        appointment=found.appointment, phase=form.phase, items=form.items(), text=form.cleaned_data["text"],
        by=found.actor, at=now(exam),
    )  # fmt: skip
    messages.success(
        request, str(t("报告已送达派出机构。", "The report has reached the office that sent you."))
    )
    return redirect("staffing-invited", exam=exam.slug, token=token)


@require_http_methods(["GET", "POST"])
@never_cache
@public_page
def declare(request: Request, token: str) -> HttpResponse:
    """Relatives, or that there is none, declared and signed by the person themselves (V2.9)."""
    exam = request.exam
    found = opened(request, token)
    accepted = found.state == "answered" and found.appointment.state == "accepted"
    if found.state != "open" and not accepted:
        return redirect("staffing-invited", exam=exam.slug, token=token)
    form = DeclarationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and "more" in request.POST:
        form = form.grown()
    elif form.is_bound and form.is_valid():
        said, places = form.declaration(found.appointment.member_id)
        try:
            declare_in_person(exam=exam, declaration=said, by=found.actor, at=now(exam))
        except RuleRefused as refused:
            for r in refused.refusals:
                form.say(r.field, f"{r.words(exams.programme(exam))} ({r.rule})", places)
        else:
            messages.success(request, str(t("申报已收到。", "Your declaration has been received.")))
            return redirect("staffing-invited", exam=exam.slug, token=token)
    facts = {"found": found, "token": token, "form": form, "statement": STATEMENT}
    return render(request, "staffing/declare.html", facts, status=409 if form.errors else 200)


def _page(request: Request, token: str, form: ReportForm | None = None) -> HttpResponse:
    found = opened(request, token)
    a = found.appointment
    phase = form.phase if form else request.GET.get("phase", "")
    accepted = found.state == "answered" and a.state == "accepted"
    stands = accepted and queries.in_force(a)
    reports = stands and services.reporter(a)
    if reports and form is None:
        form = ReportForm(phase=phase if phase in rules.PHASES else "preparation")
    facts = {
        "found": found,
        "row": a,
        "place": office(a.office_code).name,
        "token": token,
        "undeclared": found.state == "open" and bool(recusal.names_undeclared(found.exam, [a])),
        "form": form if reports else None,
        "phases": list(rules.PHASES.items()),
        "barred": accepted and not stands,
        "signing": queries.signing(a) if stands else None,
    }
    return render(request, "staffing/invited.html", facts, status=409 if form and form.errors else 200)


def opened(request: Request, token: str) -> Invited:
    """What the token opens. Whoever tries many addresses is slowed down; a token itself cannot be guessed."""
    exam = request.exam
    found = queries.invited(exam, token, at=now(exam))
    if found is None:
        key = f"staffing-invited:{request.META.get('REMOTE_ADDR', '')}"
        cache.add(key, 0, HOUR)
        if cache.incr(key) > TRIES:
            raise ValidationError(str(TOO_OFTEN))
        raise NotPermitted(hidden=True)
    return found
