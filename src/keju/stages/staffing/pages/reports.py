"""Reports of inspectors and supervisors, and their receipt."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.rulebook.words import t
from keju.stages.staffing import queries, rules, services

SIZE = 30


@require_GET
@office_page("staffing:people:read")
def listing(request: Request) -> HttpResponse:
    """The newest first, with what was not in order; the office that is told acknowledges each."""
    exam, by = request.exam, actor(request)
    after = after_of(request)
    found = queries.reports(exam, viewer=by, after=after, size=SIZE + 1)
    found, page = cut(found, SIZE, after, key="id")
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
    return render(request, "staffing/reports.html", {"rows": rows, "page": page})


@require_POST
@office_page("staffing:people:read")
def receive(request: Request, report: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    services.receive_report(exam=exam, report_id=report, by=by, at=now(exam))
    messages.success(request, str(t("已签收。", "Received.")))
    return redirect("staffing-reports", exam=exam.slug)
