"""Who is on duty now, and the directory of telephones: searched, shown on record, filed, exchanged."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import Page
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import current_language, t
from keju.stages.staffing.forms.rosters import DirectoryFilter, NowFilter
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.rosters import DirectoryPage, Entry, OnDuty
from keju.stages.staffing.services import rosters as services

RESPONSIBLE = t("负责人", "Responsible person")
COLUMNS = (
    Column("office", t("单位代码", "Office code")),
    Column("name", t("姓名", "Name")),
    Column("post", t("岗位", "Post")),
    Column("kind", t("值守", "Duty")),
    Column("starts", t("开始", "From")),
    Column("ends", t("结束", "Until")),
    Column("place", t("地点", "Place")),
    Column("phone", t("电话", "Telephone")),
)


@require_GET
@office_page("staffing:people:read")
def on_duty(request: Request) -> HttpResponse:
    """Who stands where at this moment (or another), at the viewer's offices and above; telephones masked."""
    exam, by = request.exam, actor(request)
    filters, moment, asked = _now(request)
    mine = queries.on_duty(exam, moment, viewer=by, **asked)
    return _on_duty(request, filters, moment, mine, queries.above(exam, moment, viewer=by))


@require_POST
@office_page("staffing:phone:unmask")
def show_on_duty(request: Request) -> HttpResponse:
    """The same page once with telephones in clear; on record."""
    exam, by = request.exam, actor(request)
    filters, moment, asked = _now(request)
    mine, above = services.show_on_duty(exam=exam, moment=moment, **asked, by=by, at=now(exam))
    return _on_duty(request, filters, moment, mine, above, clear=True)


def _now(request: Request) -> tuple[NowFilter, datetime, dict[str, str]]:
    exam = request.exam
    filters = NowFilter(request.GET, exam=exam)
    asked = filters.asked()
    moment = filters.cleaned_data.get("moment") or now(exam)
    return filters, moment, {"kind": asked["kind"], "office_code": asked["office"]}


def _on_duty(
    request: Request,
    filters: NowFilter,
    moment: datetime,
    mine: list[OnDuty],
    above: list[OnDuty],
    clear: bool = False,
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    kinds = {k.code: k.name for k in queries.kinds(exam)}

    def said(rows: list[OnDuty]) -> list[tuple[OnDuty, Any, Any]]:
        return [(row, kinds.get(row.kind, row.kind), queries.post_name(exam, row.post)) for row in rows]

    facts = {
        "filters": filters, "moment": moment, "mine": said(mine), "above": said(above), "clear": clear,
        "may_show": by.may("staffing:phone:unmask") and not clear, "most": queries.MOST, "full": len(mine) >= queries.MOST,
    }  # fmt: skip
    return _answered(render(request, "staffing/rosters/now.html", facts), clear)


@require_GET
@office_page("staffing:people:read")
def directory(request: Request) -> HttpResponse:
    """The directory as the filters leave it, telephones masked; what was filed, and what stands against filing."""
    exam, by = request.exam, actor(request)
    filters = DirectoryFilter(request.GET, exam=exam, leaders=True)
    asked = filters.asked()
    after = _after(request)
    page = queries.directory(
        exam, viewer=by, text=asked["q"], office=asked["office"], kind=asked["kind"], after=after
    )
    return _directory(request, filters, page, after)


@require_POST
@office_page("staffing:phone:unmask")
def show_directory(request: Request) -> HttpResponse:
    """The same page once with telephones in clear; on record."""
    exam, by = request.exam, actor(request)
    filters, after = DirectoryFilter(request.GET, exam=exam, leaders=True), _after(request)
    page = services.show_directory(exam=exam, **_asked(filters), after=after, by=by, at=now(exam))
    return _directory(request, filters, page, after, clear=True)


def _after(request: Request) -> str:
    after = request.GET.get("after", "")
    return after if set(after) <= set("0123456789/") and len(after) < 40 else ""


def _asked(filters: DirectoryFilter) -> dict[str, str]:
    asked = filters.asked()
    return {"text": asked["q"], "office_code": asked["office"], "kind": asked["kind"]}


def _directory(
    request: Request, filters: DirectoryFilter, page: DirectoryPage, after: str, clear: bool = False
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    kinds = {k.code: k.name for k in queries.kinds(exam)}
    may_file = by.may("staffing:roster:make")
    facts = {
        "filters": filters,
        "rows": [(e, queries.post_name(exam, e.post), kinds.get(e.kind, RESPONSIBLE)) for e in page.entries],
        "page": Page(len(page.entries), page.next, not after),
        "clear": clear,
        "may_show": by.may("staffing:phone:unmask") and not clear,
        "filing": [(what, *_filing(request, what)) for what in ("directory", "phones")] if may_file else [],
        "filed": queries.filings(exam, viewer=by)[:30],
    }
    return _answered(render(request, "staffing/rosters/directory.html", facts), clear)


def _filing(request: Request, what: str) -> tuple[Any, Any]:
    """(what the own office filed last, what stands against filing now)."""
    exam, by = request.exam, actor(request)
    (one,) = queries.fileable(exam, what, [by.office_code])
    return queries.last_filings(exam, [by.office_code]).get((by.office_code, what)), one.refusals


def _answered(found: HttpResponse, clear: bool) -> HttpResponse:
    if clear:
        found.headers["Cache-Control"] = "private, no-store"
    return found


@require_POST
@office_page("staffing:roster:make")
def file(request: Request) -> HttpResponse:
    """The own office has filed its directory (V15.1.1), or the page says what is missing."""
    exam, by = request.exam, actor(request)
    services.file_directory(exam=exam, office_codes=[by.office_code], by=by, at=now(exam))
    messages.success(
        request,
        str(t("已报送，上级会收到并签收。", "It is filed; the offices above have it with a receipt.")),
    )
    return redirect("staffing-directory", exam=exam.slug)


@require_POST
@office_page("staffing:roster:make")
def exchange(request: Request) -> HttpResponse:
    """The own office has told its duty phones up and down (V15.1.4), or the page says what is missing."""
    exam, by = request.exam, actor(request)
    services.exchange_phones(exam=exam, office_codes=[by.office_code], by=by, at=now(exam))
    messages.success(request, str(t("值班电话已发送。", "The duty phones are sent.")))
    return redirect("staffing-directory", exam=exam.slug)


@require_POST
@office_page("staffing:phone:unmask")
def take(request: Request) -> HttpResponse:
    """What the filters leave, with telephones, as a sheet; on record, hence a POST."""
    exam, by = request.exam, actor(request)
    filters = DirectoryFilter(request.GET, exam=exam, leaders=True)
    kinds = {k.code: k.name for k in queries.kinds(exam)}

    def row(e: Entry) -> tuple[object, ...]:
        kind, post = str(kinds.get(e.kind, RESPONSIBLE)), str(queries.post_name(exam, e.post))
        return (e.office_code, e.name, post, kind, e.starts_at, e.ends_at, e.place, e.phone)

    entries = services.take_directory(exam=exam, **_asked(filters), by=by, at=now(exam))
    return answer(
        write_table(COLUMNS, (row(e) for e in entries)), XLSX, str(t("通讯录.xlsx", "phone-directory.xlsx"))
    )


@require_POST
@office_page("staffing:phone:unmask")
def print_directory(request: Request) -> HttpResponse:
    """What the filters leave, with telephones, as PDF in the print ledger; on record."""
    exam, by = request.exam, actor(request)
    filters = DirectoryFilter(request.GET, exam=exam, leaders=True)
    made = services.print_directory(
        exam=exam, **_asked(filters), language=current_language(), by=by, at=now(exam)
    )
    return answer(made.pdf, "application/pdf", str(t("通讯录.pdf", "phone-directory.pdf")), inline=True)
