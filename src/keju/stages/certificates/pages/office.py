"""Certificates as the centre, the regions and the points see them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import cut
from keju.kernel.files.responses import answer
from keju.kernel.jobs import services as jobs
from keju.kernel.offices.queries import office
from keju.kernel.sheets import XLSX
from keju.rulebook.words import t
from keju.stages.certificates import documents, queries, services
from keju.stages.certificates.forms import Filter, NumberForm, ReceiptForm
from keju.stages.certificates.jobs import PRINT
from keju.stages.results import queries as results


@require_safe
@office_page("certificates:list:read")
def home(request: Request) -> HttpResponse:
    """How far certificates are, point by point, and what this office may do about it."""
    exam, by = request.exam, actor(request)
    lines = queries.points(viewer=by, exam=exam)
    facts: dict[str, Any] = {
        "figures": queries.figures(exam, viewer=by),
        "lines": lines,
        "released": results.release(exam) is not None,
        "waits": queries.waiting_for(viewer=by, exam=exam) if by.may("certificates:reissue:decide") else 0,
        "number_form": NumberForm(),
    }
    if by.may("certificates:collection:record"):
        facts["receipt"] = ReceiptForm()
        facts["own"] = lines[0] if lines else None
    if by.may("certificates:grant:make"):
        facts["ungranted"] = queries.ungranted(exam)
    return render(request, "certificates/home.html", facts)


@require_POST
@office_page("certificates:grant:make")
def grant(request: Request) -> HttpResponse:
    exam = request.exam
    made = services.grant(exam=exam, by=actor(request), at=now(exam))
    messages.success(request, str(t("已授予{n}人。", "Granted to {n:person|people}.").format(n=made.count)))
    return redirect("certificates-home", exam=exam.slug)


@require_POST
@office_page("certificates:print:make")
def print_point(request: Request, point: str) -> HttpResponse:
    """A point's certificates are printed by a job; its result is the file for the printer."""
    exam, by = request.exam, actor(request)
    job = jobs.start(PRINT, by=by, at=now(exam), exam=exam, point=point)
    return redirect("jobs-job", exam=exam.slug, job=job.public)


@require_POST
@office_page("certificates:print:make")
def print_one(request: Request, certificate_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    pdf = services.print_certificates(exam=exam, certificate_ids=[certificate_id], by=by, at=now(exam))
    return answer(pdf, "application/pdf", str(t("证书.pdf", "certificate.pdf")), inline=True)


@require_POST
@office_page("certificates:print:make")
def deliver(request: Request, point: str) -> HttpResponse:
    exam = request.exam
    (sent,) = services.deliver(exam=exam, point_codes=[point], by=actor(request), at=now(exam))
    words = t("已登记向{point}发送{n}份。", "Recorded: {n} sent to {point}.")
    messages.success(request, str(words.format(n=sent.count, point=office(point).name)))
    return redirect("certificates-home", exam=exam.slug)


@require_POST
@office_page("certificates:collection:record")
def receive(request: Request) -> HttpResponse:
    """The point's own delivery has arrived and been counted."""
    exam, by = request.exam, actor(request)
    form = ReceiptForm(request.POST)
    if form.is_valid():
        services.receive_delivery(
            exam=exam, point_code=by.office_code, counted=form.cleaned_data["counted"], by=by, at=now(exam)
        )
        messages.success(request, str(t("已登记收到。", "Their arrival is recorded.")))
    else:
        messages.error(request, str(t("请填写清点份数。", "Say how many you counted.")))
    return redirect("certificates-home", exam=exam.slug)


@require_safe
@office_page("certificates:list:read")
def listing(request: Request) -> HttpResponse:
    """The certificates in the viewer's scope, by number."""
    exam, by = request.exam, actor(request)
    form, filters = _asked(request)
    after = request.GET.get("after", "")
    found = queries.rows(viewer=by, exam=exam, filters=filters, after=after, size=queries.PAGE + 1)
    found, page = cut(found, queries.PAGE, after, key="number")
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
        "export": reverse("certificates-export", kwargs={"exam": exam.slug}),
    }
    return render(request, "certificates/list.html", facts)


@require_safe
@office_page("certificates:list:read")
def export(request: Request) -> HttpResponse:
    """Exactly what the list shows, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    _, filters = _asked(request)
    rows = queries.stream(viewer=by, exam=exam, filters=filters)
    return answer(queries.table(exam, rows), XLSX, f"{exam.slug}-certificates.xlsx")


@require_safe
@office_page("certificates:list:read")
def figures(request: Request) -> HttpResponse:
    """For the home of the office."""
    exam = request.exam
    return render(
        request, "certificates/figures.html", {"figures": queries.figures(exam, viewer=actor(request))}
    )


@require_safe
@office_page("certificates:list:read")
def badge(request: Request) -> HttpResponse:
    """Requests for new certificates that wait for this office."""
    exam, by = request.exam, actor(request)
    waits = queries.waiting_for(viewer=by, exam=exam) if by.may("certificates:reissue:decide") else 0
    return render(request, "certificates/badge.html", {"waits": waits})


def _asked(request: Request) -> tuple[Filter, queries.Filters]:
    exam, by = request.exam, actor(request)
    lines = queries.points(viewer=by, exam=exam)
    places = [(line.point_code, office(line.point_code).name) for line in lines]
    form = Filter(request.GET or None, programme=exams.programme(exam), points=places)
    given = form.cleaned_data if form.is_valid() else {}
    return form, queries.Filters(
        state=given.get("state", ""),
        category=given.get("category", ""),
        level=given.get("level", ""),
        point_code=given.get("point", ""),
        collected=given.get("collected", ""),
        text=given.get("q", "").strip(),
    )
