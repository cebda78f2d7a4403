"""Paper quantities: the centre sees who is missing; a region prints, has stamped, confirms."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.duties import queries as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer, response
from keju.kernel.files.scans import received
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, current_language, t
from keju.stages.custody import queries, services
from keju.stages.custody.forms.quantities import ConfirmForm, DueForm

COLUMNS = (
    Column("site", t("考试地点", "Site")),
    Column("room", t("考场", "Room"), kind="int"),
    Column("session", t("场次", "Session")),
    Column("category", t("类别", "Category")),
    Column("copies", t("份数", "Copies"), kind="int"),
)


@require_GET
@office_page("custody:quantities:read")
def home(request: Request) -> HttpResponse:
    """The nation: every region's form, or that it is missing. A region: its own."""
    by = actor(request)
    return _region(request, by.region_code) if by.region_code else _nation(request)


def _nation(request: Request, form: DueForm | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    confirmed = queries.confirmations(exam, viewer=by)
    rows = []
    for o in exams.openings(exam, "region"):
        row = confirmed.get(o.office_id)
        copies = sum(line.all_copies for line in queries.lines_of(row)) if row else 0
        changed = row and row.digest != queries.quantities(exam, o.office_id, viewer=by).digest
        rows.append(
            {"code": o.office_id, "name": o.office.name, "row": row, "copies": copies, "changed": changed}
        )
    facts = {
        "rows": rows,
        "missing": sum(row["row"] is None for row in rows),
        "due": exams.milestone(exam, "paper_quantities_due"),
        "form": form or DueForm(),
        "may_set": by.may("custody:quantities:set"),
    }
    return render(request, "custody/nation.html", facts, status=422 if form else 200)


@require_GET
@office_page("custody:quantities:read")
def region(request: Request, region: str) -> HttpResponse:
    """One region's quantities and its form."""
    return _region(request, region)


def _region(request: Request, code: str, form: ConfirmForm | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    queries.own_region(by, code)
    needed = queries.quantities(exam, code, viewer=by)
    row = queries.confirmations(exam, viewer=by).get(code)
    sessions, categories = queries.names_of(exam)

    def said(lines: Iterable[Any]) -> list[tuple[Any, Words, Words]]:
        return [(line, sessions[line.session], categories[line.category]) for line in lines]

    facts = {
        "code": code,
        "row": row,
        "changed": row is not None and row.digest != needed.digest,
        "due": duties.due_at(exam=exam, rule="V9.1", owner=code),
        "sums": said(queries.sums(needed.lines, code)),
        "lines": said(needed.lines),
        "names": needed.names,
        "form": form or ConfirmForm(initial={"digest": needed.digest}),
        "may_confirm": by.may("custody:quantities:confirm") and by.region_code == code,
    }
    return render(request, "custody/region.html", facts, status=409 if form else 200)


@require_POST
@office_page("custody:quantities:set")
def due(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = DueForm(request.POST)
    if not form.is_valid():
        return _nation(request, form)
    services.set_due(exam=exam, due=form.due(), by=by, at=now(exam))
    messages.success(
        request, str(t("上报截止日已定，各考区已有待办。", "The day is set; every region now owes its form."))
    )
    return redirect("custody-quantities", exam=exam.slug)


@require_POST
@office_page("custody:quantities:confirm")
def confirm(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = ConfirmForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            (stamped,) = received([form.cleaned_data["scan"]], 1)
            facts = {**form.cleaned_data, "scan": stamped}
            services.confirm(exam=exam, region_code=by.region_code, **facts, by=by, at=now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        except ValidationError as unreadable:
            form.add_error("scan", unreadable)
        else:
            messages.success(
                request, str(t("试卷用量已确认，中心可以看到。", "Confirmed; the centre sees it."))
            )
            return redirect("custody-quantities", exam=exam.slug)
    return _region(request, by.region_code, form)


@require_POST
@office_page("custody:quantities:confirm")
def print_form(request: Request) -> HttpResponse:
    """The form as PDF; a copy more in the print ledger, hence a POST."""
    exam, by = request.exam, actor(request)
    made = services.print_form(
        exam=exam, region_code=by.region_code, language=current_language(), by=by, at=now(exam)
    )
    return answer(
        made.pdf, "application/pdf", str(t("试卷用量确认表.pdf", "paper-quantities.pdf")), inline=True
    )


@require_GET
@office_page("custody:quantities:read")
def scan(request: Request, region: str) -> HttpResponseBase:
    """The stamped form."""
    by = actor(request)
    return response(queries.scan_of(request.exam, region, viewer=by), by, inline=True)


@require_GET
@office_page("custody:quantities:read")
def export(request: Request, region: str) -> HttpResponse:
    """Every bag: site, room, session, category, copies."""
    exam, by = request.exam, actor(request)
    queries.own_region(by, region)
    sessions, categories = queries.names_of(exam)
    rows = (
        (b.site, b.room, str(sessions[b.session]), str(categories[b.category]), b.copies)
        for b in queries.quantities(exam, region, viewer=by).bags
    )
    return answer(write_table(COLUMNS, rows), XLSX, str(t("试卷袋.xlsx", "bags.xlsx")))
