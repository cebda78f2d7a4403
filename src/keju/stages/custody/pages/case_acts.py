"""What is done about a case: steps, the superior's instruction, treatment, who is kept apart, and its end."""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.files.scans import received
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t
from keju.stages.custody.forms import cases as typed
from keju.stages.custody.pages.cases import INSTRUCT, REPORT, isolated, officers, shown, treat_form, tried
from keju.stages.custody.queries import cases as queries
from keju.stages.custody.queries.escorts import candidates
from keju.stages.custody.services import cases as services
from keju.stages.custody.services import incidents, isolating
from keju.stages.custody.services.together import Signing

HALF = t(
    "有人还没有签字或签字码不对，还没有解除封存。其余签字已保留。",
    "Somebody has not signed yet, or a code was wrong: nothing is released. The other signatures stand.",
)


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
    form = treat_form(request, whole, request.POST)
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
    row = queries.one(request.exam, case_id, viewer=actor(request))
    form = typed.StepForm(request.POST, kind=row.kind, auto_id="step-%s")

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
    row = queries.one(request.exam, case_id, viewer=actor(request))
    form = typed.IsolateForm(request.POST, companions=officers(request, row), auto_id="isolate-%s")

    def act(by: Actor, at: datetime) -> object:
        people = [isolating.Isolated(**form.cleaned_data)]
        return isolating.isolate(exam=request.exam, case_id=case_id, people=people, by=by, at=at)

    return _act(request, case_id, "isolate", form, act, t("已登记隔离。", "Entered: kept apart from now on."))


@require_POST
@office_page(REPORT)
def relieve(request: Request, case_id: int) -> HttpResponse:
    row = queries.one(request.exam, case_id, viewer=actor(request))
    people = officers(request, row)
    form = typed.RelieveForm(
        request.POST, isolated=isolated(queries.whole(row)), companions=people, auto_id="relieve-%s"
    )

    def act(by: Actor, at: datetime) -> object:
        return isolating.relieve(exam=request.exam, case_id=case_id, **form.cleaned_data, by=by, at=at)

    said = t("陪同人员已更换。", "Somebody else is with them from now on.")
    return _act(request, case_id, "relieve", form, act, said)


@require_POST
@office_page(REPORT)
def end_isolation(request: Request, case_id: int) -> HttpResponse:
    def act(by: Actor, at: datetime) -> object:
        return isolating.end_isolation(exam=request.exam, case_id=case_id, by=by, at=at)

    said = t("隔离已解除。", "The isolation has ended.")
    return _act(request, case_id, "end", forms.Form(request.POST), act, said)


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
        tried(form, request, lambda: act(by, now(exam)))
        if not form.errors:
            messages.success(request, str(said))
            return redirect("custody-case", exam=exam.slug, case_id=case_id)
    return shown(request, case_id, name, form)
