"""Findings: the list, and one with everything that became of it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.offices.queries import office
from keju.kernel.sheets import Column
from keju.rulebook.words import Words, t
from keju.stages.security.forms.inspecting import (
    FINDING_STATES,
    SEVERITY,
    ExtendForm,
    FindingFilter,
    StepForm,
    facts_of,
)
from keju.stages.security.pages import parts
from keju.stages.security.queries import inspecting as queries
from keju.stages.security.queries import people
from keju.stages.security.queries.inspecting import Filters
from keju.stages.security.rules.inspecting import MOST_PHOTOS
from keju.stages.security.services import findings as services

READ, MAKE, MEND = "security:record:read", "security:inspection:make", "security:finding:mend"
STEPS = {
    "raised": t("发现", "Found"),
    "mended": t("报告已整改", "Said to be mended"),
    "returned": t("复查未通过", "Not mended when looked at again"),
    "extended": t("延长期限", "Given more time"),
    "closed": t("复查销号", "Looked at again and closed"),
}
COLUMNS = (
    Column("id", t("编号", "Number"), kind="int"),
    Column("office", t("单位", "Office")),
    Column("words", t("问题", "What is wrong")),
    Column("rule", t("条款", "Clause")),
    Column("severity", t("严重程度", "Severity")),
    Column("owner_code", t("责任单位", "Office that mends it")),
    Column("owner", t("责任人", "Person")),
    Column("due", t("期限", "By"), kind="date"),
    Column("state", t("状态", "State")),
)


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The findings of the viewer's offices, newest first."""
    exam, by = request.exam, actor(request)
    filters, after, today = (
        FindingFilter(request.GET),
        after_of(request),
        now(exam).astimezone(CHINA).date(),
    )
    found = queries.findings(exam, viewer=by, filters=Filters(**facts_of(filters, today)), after=after)
    rows, page = cut(found[: parts.PAGE + 1], parts.PAGE, after)
    owners = queries.owners(rows)
    facts = {
        "filters": filters,
        "rows": [(r, owners.get(r.owner_id, ""), SEVERITY[r.severity], *_chip(r, today)) for r in rows],
        "page": page,
    }
    return render(request, "security/findings.html", facts)


@require_GET
@office_page(READ)
def export(request: Request) -> HttpResponse:
    """What the list shows, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    filters = Filters(**facts_of(FindingFilter(request.GET), now(exam).astimezone(CHINA).date()))
    found = list(queries.findings(exam, viewer=by, filters=filters)[:20_000])
    owners = queries.owners(found)
    rows = (
        (r.pk, f"{r.office_code} {office(r.office_code).name}", r.words, r.rule, str(SEVERITY[r.severity]), r.owner_code,
         owners.get(r.owner_id, ""), r.due_on, str(FINDING_STATES[r.state]))
        for r in found
    )  # fmt: skip
    return parts.sheet(COLUMNS, rows, str(t("问题清单.xlsx", "findings.xlsx")))


@require_GET
@office_page(READ)
def finding(request: Request, finding_id: int) -> HttpResponse:
    """What is wrong, whose it is, what became of it, and what may be done next."""
    return _finding(request, finding_id)


def _finding(
    request: Request, finding_id: int, act: str = "", form: forms.Form | None = None
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.finding(exam, finding_id, viewer=by)
    today = now(exam).astimezone(CHINA).date()
    steps = queries.steps(row)
    names = people.names({s.by_ref for s in steps}, row.office_path)
    blank: dict[str, forms.Form] = {
        "mend": StepForm(auto_id="mend-%s"),
        "close": StepForm(auto_id="close-%s"),
        "extend": ExtendForm(
            auto_id="extend-%s", initial={"due_on": queries.latest_due(exam, row.severity, today)}
        ),
    }
    if form is not None:
        blank["close" if act == "return" else act] = form
    facts = {
        "row": row,
        "chip": _chip(row, today),
        "severity": SEVERITY[row.severity],
        "owner": queries.owners([row]).get(row.owner_id, ""),
        "steps": [(s, STEPS[s.kind], names.get(s.by_ref, s.by_ref)) for s in steps],
        "forms": blank,
        "tried": act,
        "may_mend": row.state == "open" and by.may(MEND),
        "may_look": row.state == "mended" and by.may(MAKE),
        "may_extend": row.state != "closed" and by.may(MAKE),
    }
    return render(request, "security/finding.html", facts, status=409 if form else 200)


@require_POST
@office_page(MEND)
def mend(request: Request, finding_id: int) -> HttpResponse:
    said = t("已报告整改，等待另一人复查。", "It waits for somebody else to look again.")
    return _act(request, finding_id, "mend", services.mend, said)


@require_POST
@office_page(MAKE)
def close(request: Request, finding_id: int) -> HttpResponse:
    return _act(request, finding_id, "close", services.close, t("问题已销号。", "The finding is closed."))


@require_POST
@office_page(MAKE)
def send_back(request: Request, finding_id: int) -> HttpResponse:
    return _act(
        request, finding_id, "return", services.send_back, t("已退回继续整改。", "It is to be mended again.")
    )


@require_POST
@office_page(MAKE)
def extend(request: Request, finding_id: int) -> HttpResponse:
    return _act(request, finding_id, "extend", services.extend, t("期限已延长。", "It has more time."))


def _act(
    request: Request, finding_id: int, act: str, service: Callable[..., Any], said: Words
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    prefix = "close" if act == "return" else act
    form = (ExtendForm if act == "extend" else StepForm)(request.POST, auto_id=f"{prefix}-%s")
    version = seen_version(request)
    more = {} if act == "extend" else {"photos": parts.photos_of(request, MOST_PHOTOS)}
    if form.is_valid() and parts.tried(
        form,
        exam,
        lambda: service(
            exam=exam,
            finding_id=finding_id,
            version=version,
            **form.cleaned_data,
            **more,
            by=by,
            at=now(exam),
        ),
    ):
        messages.success(request, str(said))
        return redirect("security-finding", exam=exam.slug, finding_id=finding_id)
    return _finding(request, finding_id, act, form)


def _chip(row: Any, today: Any) -> tuple[str, Words]:
    if row.state == "closed":
        return "done", FINDING_STATES["closed"]
    if row.due_on < today:
        return "late", t("{state}，已逾期", "{state}, late").format(state=FINDING_STATES[row.state])
    return ("soon" if row.state == "mended" else "open"), FINDING_STATES[row.state]
