"""Reports of inspectors and supervisors, and their receipt."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import t
from keju.stages.staffing import queries, rules, services
from keju.stages.staffing.pages.shared import Page, after_of

SIZE = 30


@require_GET
@office_page("staffing:people:read")
def listing(request: Request) -> HttpResponse:
    """The newest first, with what was not in order; the office that is told acknowledges each."""
    exam, by = request.exam, actor(request)
    after = after_of(request)
    found = queries.reports(exam, viewer=by, after=after, size=SIZE + 1)
    more, found = len(found) > SIZE, found[:SIZE]
    programme = exams.programme(exam)
    rows = []
    for r in found:
        post = programme.post(r.post)
        checks = rules.CHECKS.get(r.phase, {})
        rows.append(
            {
                "r": r,
                "post": post.name if post else r.post,
                "phase": rules.PHASES.get(r.phase, r.phase),
                "items": [(checks.get(code, code), fine) for code, fine in r.items.items()],
                "to_me": r.to_code == by.office_code and r.received_at is None,
            }
        )
    page = Page(None, len(found), str(found[-1].id) if more else "", not after)
    return render(request, "staffing/reports.html", {"rows": rows, "page": page})


@require_POST
@office_page("staffing:people:read")
def receive(request: Request, report: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    services.receive_report(exam=exam, report_id=report, by=by, at=now(exam))
    messages.success(request, str(t("已签收。", "Received.")))
    return redirect("staffing-reports", exam=exam.slug)
