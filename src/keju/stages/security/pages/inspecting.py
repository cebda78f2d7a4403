"""Inspections: the list, a plan for many offices, and one inspection on a phone."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.files.responses import answer as file_answer
from keju.kernel.files.responses import response
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.kernel.sheets import Column
from keju.rulebook.words import current_language, t
from keju.stages.security.forms.finding_people import as_typed, chosen, like, looks
from keju.stages.security.forms.inspecting import (
    INSPECTION_STATES,
    SEVERITY,
    AnswerForm,
    FindingForm,
    InspectionFilter,
    PlanForm,
    StepForm,
    facts_of,
)
from keju.stages.security.pages import parts
from keju.stages.security.queries import inspecting as queries
from keju.stages.security.queries import people
from keju.stages.security.queries.inspecting import Filters
from keju.stages.security.rules.inspecting import MOST_PHOTOS
from keju.stages.security.services import inspecting as services
from keju.stages.security.services import printing
from keju.stages.security.services.findings import NewFinding

READ, MAKE = "security:record:read", "security:inspection:make"
CHIPS = {"planned": "open", "begun": "soon", "done": "done", "cancelled": "none"}
COLUMNS = (
    Column("id", t("编号", "Number"), kind="int"),
    Column("office", t("单位", "Office")),
    Column("list", t("检查表", "Checklist")),
    Column("on", t("日期", "Day"), kind="date"),
    Column("state", t("状态", "State")),
    Column("wrong", t("未销号问题", "Findings not closed"), kind="int"),
    Column("by", t("检查单位", "Inspected by")),
)


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The inspections of the viewer's offices, newest first."""
    exam, by = request.exam, actor(request)
    filters, after = _filter(request), after_of(request)
    found = queries.inspections(exam, viewer=by, filters=_filters(exam, filters), after=after)
    rows, page = cut(found[: parts.PAGE + 1], parts.PAGE, after)
    names = _names(exam)
    facts = {
        "filters": filters,
        "rows": [
            (r, names.get(r.checklist, r.checklist), CHIPS[r.state], INSPECTION_STATES[r.state]) for r in rows
        ],
        "page": page,
        "today": now(exam).astimezone(CHINA).date(),
        "may_make": by.may(MAKE),
    }
    return render(request, "security/inspections.html", facts)


@require_GET
@office_page(READ)
def export(request: Request) -> HttpResponse:
    """What the list shows, as a spreadsheet."""
    exam, by = request.exam, actor(request)
    found = queries.inspections(exam, viewer=by, filters=_filters(exam, _filter(request)))
    names = _names(exam)
    rows = (
        (r.pk, f"{r.office_code} {office(r.office_code).name}", str(names.get(r.checklist, r.checklist)), r.planned_on,
         str(INSPECTION_STATES[r.state]), r.wrong, r.by_code)
        for r in found[:20_000]
    )  # fmt: skip
    return parts.sheet(COLUMNS, rows, str(t("检查.xlsx", "inspections.xlsx")))


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def plan(request: Request) -> HttpResponse:
    """Who inspects which offices when, for as many offices as one likes."""
    exam, by = request.exam, actor(request)
    form = PlanForm(
        request.POST or None,
        lists=[(one.code, one.name) for one in queries.lists(exam)],
        places=[(code, f"{code} {name}") for code, _, name in queries.places(exam, viewer=by)],
        people=[
            (str(pk), name)
            for pk, name in people.people_at(by.office_path, like(request), chosen(request, "team"))
        ],
        initial={"checklist": request.GET.get("checklist", ""), "offices": request.GET.getlist("office")},
    )
    made: list[object] = []
    if looks(request):
        as_typed(form, request)
    elif request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "team": [int(pk) for pk in form.cleaned_data["team"]]}
        del given["like"]
        if parts.tried(
            form,
            exam,
            lambda: made.extend(services.plan_inspections(exam=exam, **given, by=by, at=now(exam))),
        ):
            words = t("已安排 {n} 次检查。", "{n:inspection is|inspections are} planned.").format(n=len(made))
            messages.success(request, str(words))
            return redirect("security-inspections", exam=exam.slug)
    facts = {"form": form, "title": t("安排检查", "Plan inspections"), "back": "security-inspections"}
    return render(request, "security/form.html", facts, status=409 if form.errors else 200)


@require_GET
@office_page(READ)
def inspection(request: Request, inspection_id: int) -> HttpResponse:
    """One inspection: item by item, the first without a result open, or the one asked for."""
    return _inspection(request, inspection_id, item=request.GET.get("item", ""))


def _inspection(
    request: Request,
    inspection_id: int,
    item: str = "",
    form: AnswerForm | None = None,
    finding: FindingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.inspection(exam, inspection_id, viewer=by)
    looked = queries.looked(row)
    under_way = row.state in ("planned", "begun")
    current = next((one for one in looked if one.code == item), None)
    if current is None and under_way:
        current = next((one for one in looked if one.answer is None), None)
    facts = {
        "row": row,
        "name": _names(exam).get(row.checklist, row.checklist),
        "state": (CHIPS[row.state], INSPECTION_STATES[row.state]),
        "looked": looked,
        "answered": sum(one.answer is not None for one in looked),
        "current": current,
        "team": sorted(people.names_by_id(row.team, row.office_path).values()),
        "severity": SEVERITY,
        "may_answer": under_way and by.may(MAKE),
        "form": form or AnswerForm(),
        "finding": finding or (current and _finding_form(exam, row.office_code, current.severity, by)),
        "cancelling": StepForm(auto_id="cancel-%s"),
    }
    return render(request, "security/inspection.html", facts, status=status)


@require_POST
@office_page(MAKE)
def answer(request: Request, inspection_id: int, item: str) -> HttpResponse:
    """The item has its result, and a finding if something is wrong; the next item follows."""
    exam, by = request.exam, actor(request)
    row = queries.inspection(exam, inspection_id, viewer=by)
    form = AnswerForm(request.POST)
    finding = _finding_form(exam, row.office_code, "minor", by, request.POST)
    wrong = request.POST.get("outcome") == "wrong"
    if not form.is_valid() or (wrong and not finding.is_valid()):
        return _inspection(request, inspection_id, item, form, finding, 409)
    photos = parts.photos_of(request, MOST_PHOTOS)
    facts = new_finding(row.office_code, finding) if wrong else None
    shown = finding if wrong else form
    done = parts.tried(
        shown,
        exam,
        lambda: services.answer(
            exam=exam,
            inspection_id=row.pk,
            item=item,
            **form.cleaned_data,
            photos=photos,
            finding=facts,
            by=by,
            at=now(exam),
        ),
    )
    if not done:
        return _inspection(request, inspection_id, item, form, finding, 409)
    return redirect("security-inspection", exam=exam.slug, inspection_id=row.pk)


@require_POST
@office_page(MAKE)
def rest(request: Request, inspection_id: int) -> HttpResponse:
    """Whatever has no result yet is as it should be."""
    exam, by = request.exam, actor(request)
    services.rest_is_right(exam=exam, inspection_id=inspection_id, by=by, at=now(exam))
    return redirect("security-inspection", exam=exam.slug, inspection_id=inspection_id)


@require_POST
@office_page(MAKE)
def finish(request: Request, inspection_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    services.finish(
        exam=exam, inspection_id=inspection_id, version=seen_version(request), by=by, at=now(exam)
    )
    messages.success(request, str(t("检查已完成。", "The inspection is done.")))
    return redirect("security-inspection", exam=exam.slug, inspection_id=inspection_id)


@require_POST
@office_page(MAKE)
def cancel(request: Request, inspection_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    services.cancel(
        exam=exam,
        inspection_id=inspection_id,
        version=seen_version(request),
        note=request.POST.get("note", ""),
        by=by,
        at=now(exam),
    )
    messages.success(request, str(t("检查已取消。", "The inspection is cancelled.")))
    return redirect("security-inspection", exam=exam.slug, inspection_id=inspection_id)


@require_POST
@office_page(READ)
def paper(request: Request, inspection_id: int) -> HttpResponse:
    """The form to take along, or the record once it is done, as a PDF in the ledger."""
    exam, by = request.exam, actor(request)
    printed = printing.print_inspection(
        exam=exam, inspection_id=inspection_id, language=current_language(), by=by, at=now(exam)
    )
    return file_answer(printed.pdf, "application/pdf", f"inspection-{inspection_id}.pdf", inline=True)


@require_GET
@office_page(READ)
def photo(request: Request, sha: str) -> HttpResponseBase:
    exam, by = request.exam, actor(request)
    queries.photo_of(exam, sha, viewer=by)
    return response(sha, by, inline=True)


def new_finding(office_code: str, form: FindingForm, **more: object) -> NewFinding:
    """What was typed, as the services take it."""
    given = {**form.cleaned_data, "owner_id": int(form.cleaned_data["owner"] or 0)}
    del given["owner"]
    return NewFinding(office_code=office_code, **given, **more)  # type: ignore[arg-type]


def _finding_form(exam: Exam, code: str, severity: str, by: Actor, data: object = None) -> FindingForm:
    today = now(exam).astimezone(CHINA).date()
    line = people.line(code)
    return FindingForm(
        data,
        offices=[(c, f"{c} {office(c).name}") for c in line],
        people=[(str(pk), name) for pk, name in people.people_at(office(line[min(1, len(line) - 1)]).path)],
        latest={one: queries.latest_due(exam, one, today) for one in SEVERITY},
        initial={"severity": severity, "owner_code": code},
        auto_id="finding-%s",
    )


finding_form = _finding_form


def _names(exam: Exam) -> dict[str, object]:
    return {one.code: one.name for one in queries.lists(exam)}


def _filter(request: Request) -> InspectionFilter:
    return InspectionFilter(request.GET, [(one.code, one.name) for one in queries.lists(request.exam)])


def _filters(exam: Exam, form: InspectionFilter) -> Filters:
    return Filters(**facts_of(form, now(exam).astimezone(CHINA).date()))
