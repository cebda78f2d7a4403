"""Those who passed, and the registers sent to the regions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import cut
from keju.kernel.files.responses import answer, response
from keju.kernel.offices.queries import office, regions
from keju.kernel.sheets import XLSX
from keju.rulebook.words import t
from keju.stages.results import documents, queries, services
from keju.stages.results.forms import PassFilter


@require_safe
@office_page("results:register:read")
def passes(request: Request) -> HttpResponse:
    """Everybody of the viewer's offices who passed, by ticket number."""
    exam, by = request.exam, actor(request)
    form, filters = _asked(request)
    after = request.GET.get("after", "")
    found = queries.pass_rows(viewer=by, exam=exam, filters=filters, after=after, size=queries.PAGE + 1)
    found, page = cut(found, queries.PAGE, after, key="ticket_number")
    programme = exams.programme(exam)
    rows = [
        {
            "row": r,
            "category": documents.category_name(programme, r.category),
            "level": documents.level_name(programme, r.level),
        }
        for r in found
    ]
    facts = {
        "filters": form,
        "rows": rows,
        "page": page,
        "export": reverse("results-passes-export", kwargs={"exam": exam.slug}),
        "release": queries.release(exam),
    }
    return render(request, "results/passes.html", facts)


@require_safe
@office_page("results:register:read")
def export(request: Request) -> HttpResponse:
    """Exactly what the list shows, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    _, filters = _asked(request)
    rows = queries.stream_passes(viewer=by, exam=exam, filters=filters)
    data = services.passes_table(exam=exam, rows=rows)
    return answer(data, XLSX, f"{exam.slug}-passes.xlsx")


@require_safe
@office_page("results:register:read")
def registers(request: Request) -> HttpResponse:
    """Each region's register: how many passed, when it was sent; the office sends, regions fetch theirs."""
    exam, by = request.exam, actor(request)
    sent = {r.region_code: r for r in queries.registers(viewer=by, exam=exam)}
    counts = queries.pass_counts(viewer=by, exam=exam)
    rows = [
        {
            "office": o.office,
            "passed": sum(counts.get(o.office_id, {}).values()),
            "sent": sent.get(o.office_id),
        }
        for o in exams.openings(exam, "region")
        if by.office_path in ("/", o.office_path)
    ]
    return render(request, "results/registers.html", {"rows": rows, "release": queries.release(exam)})


@require_POST
@office_page("results:register:send")
def send(request: Request, region: str) -> HttpResponse:
    exam = request.exam
    sent = services.send_register(exam=exam, region_code=region, by=actor(request), at=now(exam))
    words = t("名册已发送{region}：{n}人。", "Sent to {region}: {n:person|people}.")
    messages.success(request, str(words.format(region=office(region).name, n=sent.count)))
    return redirect("results-registers", exam=exam.slug)


@require_safe
@office_page("results:register:read")
def register_file(request: Request, region: str, kind: str) -> HttpResponse:
    """The register as it was sent: PDF or spreadsheet."""
    exam, by = request.exam, actor(request)
    found = queries.register(viewer=by, exam=exam, region_code=region)
    if found is None or kind not in ("pdf", "xlsx"):
        raise NotPermitted(hidden=True)
    return response(found.pdf_sha256 if kind == "pdf" else found.xlsx_sha256, by, inline=kind == "pdf")


def _asked(request: Request) -> tuple[PassFilter, queries.Filters]:
    exam, by = request.exam, actor(request)
    places = [(o.code, o.name) for o in regions()] if by.office_path == "/" else []
    form = PassFilter(request.GET or None, programme=exams.programme(exam), regions=places)
    given = form.cleaned_data if form.is_valid() else {}
    return form, queries.Filters(
        category=given.get("category", ""),
        level=given.get("level", ""),
        region_code=given.get("region", ""),
        text=given.get("q", "").strip(),
    )
