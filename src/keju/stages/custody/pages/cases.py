"""Damage and incidents: the list, reporting one, and one with everything about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer, response
from keju.kernel.files.scans import received
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import Words, current_language, t
from keju.stages.custody import queries as chain
from keju.stages.custody.forms import cases as typed
from keju.stages.custody.forms.cases import SORTS, STATES
from keju.stages.custody.queries import cases as queries
from keju.stages.custody.queries import tracing
from keju.stages.custody.queries.journeys import candidates
from keju.stages.custody.queries.naming import VERDICTS_OF_COPIES as VERDICTS
from keju.stages.custody.rules.cases import STEPS, Sort
from keju.stages.custody.services import cases as services
from keju.stages.custody.services import incidents, moving_prints
from keju.stages.custody.services.together import Signing

READ, REPORT, INSTRUCT = "custody:chain:read", "custody:case:report", "custody:case:instruct"
PAGE = 50
DONE = {
    **STEPS,
    "reported": t("报告", "Reported"),
    "instructed": t("上级指示", "Superior's instruction"),
    "treated": t("处理并重新封口", "Treated and closed again"),
    "closed": t("结案", "Closed"),
}
HALF = t(
    "有人还没有签字或签字码不对，还没有解除封存。其余签字已保留。",
    "Somebody has not signed yet, or a code was wrong: nothing is released. The other signatures stand.",
)


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The viewer's cases, newest first."""
    exam, by, after = request.exam, actor(request), after_of(request)
    filters = typed.CaseFilter(request.GET)
    rows, page = cut(queries.cases(exam, viewer=by, **filters.chosen(), after=after)[: PAGE + 1], PAGE, after)
    shown = [(r, *STATES[r.state], SORTS[r.sort]) for r in rows]
    facts = {"filters": filters, "rows": shown, "page": page, "may_report": by.may(REPORT)}
    return render(request, "custody/cases/list.html", facts)


@require_http_methods(["GET", "POST"])
@office_page(REPORT)
def report(request: Request) -> HttpResponse:
    """Something is abnormal: on a phone, with photos, at once."""
    exam, by = request.exam, actor(request)
    named = {"codes": request.GET.get("codes", "")[:200]}
    form = typed.ReportForm(request.POST if request.method == "POST" else None, initial=named)
    if request.method == "POST" and form.is_valid():
        row = _tried(form, request, lambda: _reported(request, form, by))
        if row is not None:
            messages.success(
                request, str(t("已报告上级，有关箱袋已冻结。", "Reported above; the containers are frozen."))
            )
            return redirect("custody-case", exam=exam.slug, case_id=row.pk)
    return render(request, "custody/cases/report.html", {"form": form}, status=409 if form.errors else 200)


def _reported(request: Request, form: typed.ReportForm, by: Actor) -> Any:
    exam = request.exam
    codes, strange = form.codes_typed()
    known = chain.by_codes(exam, codes, viewer=by)
    strange += [code for code in codes if code not in known]
    if strange:
        raise RuleRefused(
            [Refusal("V12.6.1", "custody_case_unknown", {"codes": "、".join(strange)}, field="codes")]
        )
    data = form.cleaned_data
    sort, ids = Sort(data["sort"]), [known[c].pk for c in dict.fromkeys(codes)]
    photos = received(request.FILES.getlist("photos"), services.MOST_PHOTOS)
    new = services.NewCase(
        data["key"], typed.KIND_OF[sort], sort, data["words"], ids, photos, data["exposed"]
    )
    return services.report(exam=exam, found=[new], by=by, at=now(exam))[0]


@require_GET
@office_page(READ)
def case(request: Request, case_id: int) -> HttpResponse:
    """One case: what was found, what was done, and what may be done next."""
    return _case(request, case_id)


def _case(request: Request, case_id: int, act: str = "", form: forms.Form | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.one(exam, case_id, viewer=by)
    whole = queries.whole(row)
    superior = (
        by.may(INSTRUCT) and by.office_path != row.office_path and row.office_path.startswith(by.office_path)
    )
    incident, is_open = row.kind == "incident", row.state != "closed"
    treats = by.may(REPORT) and row.state == "instructed" and not incident
    blank: dict[str, forms.Form] = {
        "instruct": typed.WordsForm(auto_id="instruct-%s"),
        "step": typed.StepForm(auto_id="step-%s"),
        "isolate": typed.IsolateForm(auto_id="isolate-%s"),
        "up": typed.UpForm(auto_id="up-%s"),
        "findings": typed.FindingsForm(auto_id="findings-%s"),
    }
    if treats:
        blank["treat"] = _treat_form(request, whole)
    if form is not None:
        blank[act] = form
    facts = {
        "row": row,
        "whole": whole,
        "chip": STATES[row.state],
        "sort": SORTS[row.sort],
        "steps": [(s, DONE[s.kind]) for s in whole.steps],
        "missing": [STEPS[m] for m in whole.missing] if is_open else [],
        "forms": blank,
        "tried": act,
        "may_instruct": superior and row.state == "reported",
        "may_treat": treats,
        "may_up": superior and row.state == "treated" and not incident,
        "may_step": by.may(REPORT) and incident and is_open and whole.missing,
        "may_close": superior and incident and is_open,
        "may_isolate": by.may(REPORT) and is_open,
        "apart": any(i.ended_at is None for i in whole.isolations),
        "may_print": by.may(REPORT),
        "reports": by.may(REPORT),
        "may_trace": by.may("custody:evidence:make"),
        "look_ups": [(one, *VERDICTS[one.verdict]) for one in tracing.of_case(row)],
    }
    return render(request, "custody/cases/case.html", facts, status=409 if form else 200)


@require_POST
@office_page(INSTRUCT)
def instruct(request: Request, case_id: int) -> HttpResponse:
    form = typed.WordsForm(request.POST, auto_id="instruct-%s")
    given = {"exam": request.exam, "case_id": case_id, "version": seen_version(request)}

    def act(by: Actor, at: datetime) -> object:
        return services.instruct(**given, instruction=form.cleaned_data["words"], by=by, at=at)

    return _act(request, case_id, "instruct", form, act, t("指示已记录。", "The instruction is on record."))


@require_POST
@office_page(REPORT)
def treat(request: Request, case_id: int) -> HttpResponse:
    exam = request.exam
    whole = queries.whole(queries.one(exam, case_id, viewer=actor(request)))
    form = _treat_form(request, whole, request.POST)
    version = seen_version(request)

    def act(by: Actor, at: datetime) -> object:
        names = {c.person_id: c.name for c in candidates(exam, whole.case.office_path)}
        signings = [
            Signing(pk, names.get(pk, ""), services.TREATER, whole.case.office_path, code)
            for pk, code in form.signers()
        ]
        signed = services.treat(
            exam=exam, case_id=case_id, version=version, words=form.cleaned_data["words"], stamped=form.cleaned_data["stamped"],
            photos=received(request.FILES.getlist("photos"), services.MOST_PHOTOS), seals=form.seals(), signings=signings,
            by=by, at=at,
        )  # fmt: skip
        if not signed.is_whole:
            form.add_error(None, str(HALF))
        return signed

    return _act(
        request,
        case_id,
        "treat",
        form,
        act,
        t("已处理，解除封存并重新封口。", "Treated: free again, and closed with the new seals."),
    )


@require_POST
@office_page(INSTRUCT)
def report_up(request: Request, case_id: int) -> HttpResponse:
    form = typed.UpForm(request.POST, auto_id="up-%s")
    given = {"exam": request.exam, "case_id": case_id, "version": seen_version(request)}

    def act(by: Actor, at: datetime) -> object:
        return services.report_up(**given, **form.cleaned_data, by=by, at=at)

    return _act(
        request,
        case_id,
        "up",
        form,
        act,
        t("已报中心，结案。", "Reported to the centre; the case is closed."),
    )


@require_POST
@office_page(REPORT)
def step(request: Request, case_id: int) -> HttpResponse:
    form = typed.StepForm(request.POST, auto_id="step-%s")

    def act(by: Actor, at: datetime) -> object:
        return incidents.take_step(exam=request.exam, case_id=case_id, **form.cleaned_data, by=by, at=at)

    return _act(request, case_id, "step", form, act, t("已登记。", "Entered."))


@require_POST
@office_page(INSTRUCT)
def close(request: Request, case_id: int) -> HttpResponse:
    form = typed.FindingsForm(request.POST, auto_id="findings-%s")
    whole = queries.whole(queries.one(request.exam, case_id, viewer=actor(request)))
    given = {"exam": request.exam, "case_id": case_id, "version": seen_version(request)}

    def act(by: Actor, at: datetime) -> object:
        release = [c.container_id for c in whole.containers] if form.cleaned_data["release"] else []
        return incidents.close_incident(
            **given, findings=form.cleaned_data["words"], release=release, by=by, at=at
        )

    return _act(request, case_id, "findings", form, act, t("已结案。", "Closed."))


@require_POST
@office_page(REPORT)
def isolate(request: Request, case_id: int) -> HttpResponse:
    form = typed.IsolateForm(request.POST, auto_id="isolate-%s")

    def act(by: Actor, at: datetime) -> object:
        people = [incidents.Isolated(**form.cleaned_data)]
        return incidents.isolate(exam=request.exam, case_id=case_id, people=people, by=by, at=at)

    return _act(request, case_id, "isolate", form, act, t("已登记隔离。", "Entered: kept apart from now on."))


@require_POST
@office_page(REPORT)
def end_isolation(request: Request, case_id: int) -> HttpResponse:
    def act(by: Actor, at: datetime) -> object:
        return incidents.end_isolation(exam=request.exam, case_id=case_id, by=by, at=at)

    return _act(
        request,
        case_id,
        "isolate",
        typed.IsolateForm(request.POST, auto_id="isolate-%s"),
        act,
        t("隔离已解除。", "The isolation has ended."),
    )


@require_POST
@office_page(REPORT)
def print_case(request: Request, case_id: int) -> HttpResponse:
    """The report as PDF; a copy more in the print ledger, hence a POST."""
    exam, by = request.exam, actor(request)
    made = moving_prints.print_case(
        exam=exam, case_id=case_id, language=current_language(), by=by, at=now(exam)
    )
    return answer(made.pdf, "application/pdf", str(t("试卷异常处理报告.pdf", "case-report.pdf")), inline=True)


@require_GET
@office_page(READ)
def photo(request: Request, case_id: int, sha: str) -> HttpResponseBase:
    """A photo of the case."""
    by = actor(request)
    whole = queries.whole(queries.one(request.exam, case_id, viewer=by))
    if sha not in {p[size] for s in whole.steps for p in s.photos for size in ("sha", "thumb")}:
        raise NotPermitted(hidden=True)
    return response(sha, by, inline=True)


def _treat_form(request: Request, whole: queries.Whole, data: Any = None) -> typed.TreatForm:
    people = [
        (c.person_id, f"{c.name}（{c.office_code}）")
        for c in candidates(request.exam, whole.case.office_path)
    ]
    containers = [(c.container_id, c.container.code) for c in whole.containers]
    return typed.TreatForm(data, containers=containers, people=people, auto_id="treat-%s")


def _act(
    request: Request,
    case_id: int,
    name: str,
    form: forms.Form,
    act: Callable[[Actor, datetime], object],
    said: Words,
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    if form.is_valid():
        _tried(form, request, lambda: act(by, now(exam)))
        if not form.errors:
            messages.success(request, str(said))
            return redirect("custody-case", exam=exam.slug, case_id=case_id)
    return _case(request, case_id, name, form)


def _tried(form: forms.Form, request: Request, act: Callable[[], Any]) -> Any:
    """What `act` returns; None if it was refused, and the form says why."""
    try:
        return act()
    except RuleRefused as refused:
        explain(form, refused, request.exam)
    except ValidationError as unfit:
        form.add_error(None, unfit)
    return None
