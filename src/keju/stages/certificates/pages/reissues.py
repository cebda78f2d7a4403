"""Requests for new certificates on their way from point to centre."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.refusing import explain
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.certificates import queries, services
from keju.stages.certificates.forms import AskForm


@require_safe
@office_page("certificates:reissue:decide")
def listing(request: Request) -> HttpResponse:
    """The requests of the viewer's offices; those that wait for this level carry their buttons."""
    exam, by = request.exam, actor(request)
    rows = [{"row": r, "mine": queries.my_turn(by, r)} for r in queries.requests(viewer=by, exam=exam)]
    return render(request, "certificates/reissues.html", {"rows": rows, "level": queries.level(by)})


@require_http_methods(["GET", "POST"])
@office_page("certificates:reissue:decide")
def ask(request: Request) -> HttpResponse:
    """A request made at the counter."""
    exam, by = request.exam, actor(request)
    form = AskForm(request.POST or None, initial={"number": request.GET.get("number", "")})
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_reissue(exam=exam, **form.cleaned_data, by=by, at=now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(
                request,
                str(
                    t(
                        "申请已登记，请收取身份证复印件后上报。",
                        "Recorded. Take the identity copy, then pass it on.",
                    )
                ),
            )
            return redirect("certificates-reissues", exam=exam.slug)
    return render(request, "certificates/ask.html", {"form": form})


@require_POST
@office_page("certificates:reissue:decide")
def decide(request: Request, request_id: int) -> HttpResponse:
    """This level passes the request on, or ends it with a reason."""
    exam, by = request.exam, actor(request)
    facts: dict[str, Any] = {"exam": exam, "request_id": request_id, "version": seen_version(request)}
    facts |= {"by": by, "at": now(exam)}
    if request.POST.get("answer") == "pass":
        services.pass_reissue(**facts, identity_copy=request.POST.get("identity_copy") == "on")
        messages.success(request, str(t("已通过。", "Passed.")))
    else:
        services.refuse_reissue(**facts, reason=request.POST.get("reason", ""))
        messages.success(request, str(t("已退回，考生会收到原因。", "Refused; the holder is told why.")))
    return redirect("certificates-reissues", exam=exam.slug)
