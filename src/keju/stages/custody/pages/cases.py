"""Damage and incidents: the list, reporting one, and one with everything about it."""

from collections.abc import Callable
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
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer, response
from keju.kernel.files.scans import received
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import current_language, t
from keju.stages.custody import queries as chain
from keju.stages.custody.forms import cases as typed
from keju.stages.custody.forms.cases import STATES
from keju.stages.custody.queries import cases as queries
from keju.stages.custody.queries import handovers, tracing
from keju.stages.custody.queries.companions import companions
from keju.stages.custody.queries.escorts import candidates
from keju.stages.custody.queries.naming import CASE_STEP_NAMES, FLAWS, SORT_NAMES
from keju.stages.custody.queries.naming import VERDICTS_OF_COPIES as VERDICTS
from keju.stages.custody.queries.store_names import LOCKS
from keju.stages.custody.rules.cases import Sort, sort_of
from keju.stages.custody.services import cases as services
from keju.stages.custody.services import moving_prints

READ, REPORT, INSTRUCT = "custody:chain:read", "custody:case:report", "custody:case:instruct"
PAGE = 50


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The viewer's cases, newest first."""
    exam, by, after = request.exam, actor(request), after_of(request)
    filters = typed.CaseFilter(request.GET)
    rows, page = cut(queries.cases(exam, viewer=by, **filters.chosen(), after=after)[: PAGE + 1], PAGE, after)
    listed = [(r, *STATES[r.state], SORT_NAMES[r.sort]) for r in rows]
    facts = {"filters": filters, "rows": listed, "page": page, "may_report": by.may(REPORT)}
    return render(request, "custody/cases/list.html", facts)


@require_http_methods(["GET", "POST"])
@office_page(REPORT)
def report(request: Request) -> HttpResponse:
    """Something is abnormal: on a phone, with photos, at once; from an exception of a handover (`?exception=`) with what is
    known of it."""
    exam, by = request.exam, actor(request)
    named = {"codes": request.GET.get("codes", "")[:200]}
    posted = request.method == "POST"
    found = _exception(request, (request.POST if posted else request.GET).get("exception", ""))
    form = typed.ReportForm(request.POST if posted else None, initial=_known(found) if found else named)
    if posted and form.is_valid():
        row = tried(form, request, lambda: _reported(request, form, by))
        if row is not None:
            said = t("已报告上级，有关箱袋已冻结。", "Reported above; the containers are frozen.")
            messages.success(request, str(said))
            return redirect("custody-case", exam=exam.slug, case_id=row.pk)
    facts = {"form": form, "found": found, "flaw": FLAWS.get(found.kind, found.kind) if found else ""}
    return render(request, "custody/cases/report.html", facts, status=409 if form.errors else 200)


def _exception(request: Request, asked: str) -> handovers.CustodyException | None:
    """The exception that the case is to be about; hidden out of scope."""
    if not asked.isdecimal() or len(asked) > 18:
        return None
    row = handovers.exceptions(request.exam, viewer=actor(request)).filter(pk=int(asked)).first()
    if row is None:
        raise NotPermitted(hidden=True)
    return row


def _known(found: handovers.CustodyException) -> dict[str, object]:
    """What the form begins with."""
    words = t("交接{n}号：{code} {flaw} {detail}", "Handover no. {n}: {code} {flaw} {detail}").format(
        n=found.handover_id or "—",
        code=found.code,
        flaw=FLAWS.get(found.kind, found.kind),
        detail=found.detail,
    )
    code = found.container.code if found.container else ""
    return {
        "exception": found.pk,
        "sort": sort_of(found.kind),
        "codes": code,
        "words": str(words).strip(),
    }


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
    sort = Sort(data["sort"])
    new = services.NewCase(
        data["key"], typed.KIND_OF[sort], sort, data["words"], [known[c].pk for c in dict.fromkeys(codes)],
        received(request.FILES.getlist("photos"), services.MOST_PHOTOS), data["exposed"],
        [data["exception"]] if data["exception"] else [],
    )  # fmt: skip
    return services.report(exam=exam, found=[new], by=by, at=now(exam))[0]


@require_GET
@office_page(READ)
def case(request: Request, case_id: int) -> HttpResponse:
    """One case: what was found, what was done, and what may be done next."""
    return shown(request, case_id)


def shown(request: Request, case_id: int, act: str = "", form: forms.Form | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.one(exam, case_id, viewer=by)
    whole = queries.whole(row)
    above = row.office_path != by.office_path and row.office_path.startswith(by.office_path or "-")
    beside = row.office_path == by.office_path == "/" and row.reported_by != by.ref
    superior = by.may(INSTRUCT) and (above or beside)
    damage, is_open = row.kind == "damage", row.state != "closed"
    treats = by.may(REPORT) and row.state == "instructed" and damage
    people, apart = officers(request, row), isolated(whole)
    blank: dict[str, forms.Form] = {
        "instruct": typed.WordsForm(auto_id="instruct-%s"),
        "step": typed.StepForm(kind=row.kind, auto_id="step-%s"),
        "isolate": typed.IsolateForm(companions=people, auto_id="isolate-%s"),
        "relieve": typed.RelieveForm(isolated=apart, companions=people, auto_id="relieve-%s"),
        "up": typed.UpForm(auto_id="up-%s"),
        "findings": typed.FindingsForm(auto_id="findings-%s"),
    }
    if treats:
        blank["treat"] = treat_form(request, whole)
    if form is not None:
        blank[act] = form
    facts = {
        "row": row,
        "whole": whole,
        "chip": STATES[row.state],
        "sort": SORT_NAMES[row.sort],
        "steps": [(s, CASE_STEP_NAMES[s.kind]) for s in whole.steps],
        "missing": [CASE_STEP_NAMES[m] for m in whole.missing] if is_open else [],
        "forms": blank,
        "tried": act,
        "lock": LOCKS[row.key_step.lock] if row.key_step else "",
        "exceptions": [(e, FLAWS.get(e.kind, e.kind)) for e in whole.exceptions],
        "may_instruct": superior and row.state == "reported" and row.kind != "key",
        "may_treat": treats,
        "may_up": superior and row.state == "treated" and damage,
        "may_step": by.may(REPORT) and is_open and whole.missing,
        "may_close": superior and is_open and not damage,
        "may_isolate": by.may(REPORT) and is_open and row.kind != "key",
        "found": queries.found_again(row),
        "may_find": by.may(REPORT) and is_open and row.kind == "incident",
        "apart": bool(apart),
        "may_print": by.may(REPORT),
        "reports": by.may(REPORT),
        "may_trace": by.may("custody:evidence:make"),
        "look_ups": [(one, *VERDICTS[one.verdict]) for one in tracing.of_case(row)],
    }
    return render(request, "custody/cases/case.html", facts, status=409 if form else 200)


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


def officers(request: Request, row: queries.Case) -> list[tuple[int, str]]:
    """The discipline officers who may be with somebody of this case."""
    found = companions(request.exam, row.office_path)
    return [(one.person_id, f"{one.name}（{office(one.office_code).name}）") for one in found.values()]


def isolated(whole: queries.Whole) -> list[tuple[int, str]]:
    """Who is kept apart now."""
    return [(i.pk, i.name) for i in whole.isolations if i.ended_at is None]


def treat_form(request: Request, whole: queries.Whole, data: Any = None) -> typed.TreatForm:
    people = [
        (c.person_id, f"{c.name}（{c.office_code}）")
        for c in candidates(request.exam, whole.case.office_path)
    ]
    containers = [(c.container_id, c.container.code) for c in whole.containers]
    return typed.TreatForm(data, containers=containers, people=people, auto_id="treat-%s")


def tried(form: forms.Form, request: Request, act: Callable[[], Any]) -> Any:
    """What `act` returns; None if it was refused, and the form says why."""
    try:
        return act()
    except RuleRefused as refused:
        explain(form, refused, request.exam)
    except ValidationError as unfit:
        form.add_error(None, unfit)
    return None
