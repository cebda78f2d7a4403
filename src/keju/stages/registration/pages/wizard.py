"""The wizard: one question a page, saved at every step, the whole looked over before it is submitted."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from keju.algorithms.identity import mask
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, candidate_page
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import t
from keju.stages.registration import documents, queries, services
from keju.stages.registration.forms import CategoryForm, PledgeForm, PointForm, facts_form, person_form
from keju.stages.registration.forms.wizard import facts_of, tell
from keju.stages.registration.pages.journey import ELSEWHERE, STEPS, Journey, enter, titles
from keju.stages.registration.pages.photo import photo_step
from keju.stages.registration.pages.told import differences, sections

SAME_STEP = t(
    "您在另一个窗口里保存过这一步，没有被覆盖。下面保留着您刚才填写的；再保存一次，就以这里的为准。",
    "You saved this step in another window; that was not overwritten. What you just entered still stands below: save again "
    "and it is what counts.",
)
REVIEW_AGAIN = t(
    "您在另一个窗口里改过“{steps}”，还没有提交。请核对下面的最新内容，再提交。",
    "You changed “{steps}” in another window; nothing was submitted. Check what now stands below, then submit.",
)


@require_safe
@candidate_page
def start(request: Request) -> HttpResponse:
    """The entry: straight to what is next."""
    journey = enter(request)
    if isinstance(journey, HttpResponse):
        return journey
    return redirect(journey.url(journey.missing[0] if journey.missing else "review"))


@candidate_page
def step(request: Request, step: str) -> HttpResponse:
    """One step of the wizard."""
    journey = enter(request)
    if isinstance(journey, HttpResponse):
        return journey
    if step == "review":
        return _review(request, journey)
    if step not in STEPS:
        raise NotPermitted(hidden=True)
    if step == "route" and not journey.route:
        return redirect(journey.url("category"))
    return PAGES[step](request, journey)


def _person(request: Request, journey: Journey) -> HttpResponse:
    candidate = request.candidate
    known = journey.answers.get("person") or {
        "name": candidate.name,
        "phone": candidate.phone,
        "email": candidate.email,
    }
    form = person_form(candidate.document_kind, request.POST or None, initial=known)
    return _form_step(
        request,
        journey,
        "person",
        form,
        lambda f: {"person": {key: str(value) for key, value in f.cleaned_data.items()}},
        identity=mask(candidate.identity),
        document=documents.document_name(candidate.document_kind),
    )


def _category(request: Request, journey: Journey) -> HttpResponse:
    programme = exams.programme(request.exam)
    form = CategoryForm(request.POST or None, programme=programme, initial=journey.answers.get("choice"))
    clause = programme.clause("V5.3.0")
    return _form_step(
        request,
        journey,
        "category",
        form,
        lambda f: {"choice": f.cleaned_data},
        clause=clause.text if clause else "",
    )


def _route(request: Request, journey: Journey) -> HttpResponse:
    exam = request.exam
    known = journey.answers.get("facts") if journey.done("route") else {"graduating_year": exam.year}
    form = facts_form(journey.route, request.POST or None, initial=known)
    if form is None:  # a route that only the papers at the counter prove
        return redirect(journey.after("route"))
    return _form_step(
        request,
        journey,
        "route",
        form,
        lambda f: {"facts": facts_of(f), "facts_route": journey.route},
        lambda f: services.route_refusals(exam=exam, route=journey.route, facts=facts_of(f)),
        chosen=documents.route_name(exams.programme(exam), journey.route),
    )


def _point(request: Request, journey: Journey) -> HttpResponse:
    exam, chosen = request.exam, journey.answers.get("point", "")
    regions = [o.office for o in exams.openings(exam, "region")]
    at_home = request.candidate.identity[:2]
    known = {r.code for r in regions}
    asked = (request.POST.get("point_code", "")[:2], request.GET.get("region", ""), chosen[:2], at_home)
    region = next((code for code in asked if code in known), "")
    form = PointForm(request.POST or None, initial={"point_code": chosen})
    return _form_step(
        request,
        journey,
        "point",
        form,
        lambda f: {"point": f.cleaned_data["point_code"]},
        lambda f: queries.point_refusals(exam=exam, point_code=f.cleaned_data["point_code"], at=now(exam)),
        regions=regions,
        region=region,
        places=queries.places(exam=exam, region_code=region),
        picked=(form.data.get("point_code") if form.is_bound else chosen) or "",
        closed=queries.window_refusals(exam=exam, point_code=region, at=now(exam)) if region else [],
    )


def _pledge(request: Request, journey: Journey) -> HttpResponse:
    programme = exams.programme(request.exam)
    form = PledgeForm(request.POST or None, initial={"pledge": journey.answers.get("pledge", False)})

    def refused(f: Form) -> list[Refusal]:
        return [] if f.cleaned_data["pledge"] else [Refusal("P8.2", "registration_pledge", field="pledge")]

    clause = programme.clause("P8.2")
    return _form_step(
        request,
        journey,
        "pledge",
        form,
        lambda f: {"pledge": f.cleaned_data["pledge"]},
        refused,
        pledge=documents.PLEDGE,
        clause=clause.text if clause else "",
    )


def _form_step(
    request: Request,
    journey: Journey,
    step: str,
    form: Form,
    answers: Callable[[Any], dict[str, Any]],
    refused: Callable[[Any], list[Refusal]] | None = None,
    **facts: Any,
) -> HttpResponse:
    """Show the form; a good answer is saved and leads on, a bad one is shown with what is wrong."""
    programme = exams.programme(request.exam)
    status = 200
    theirs: list[dict[str, object]] = []
    if request.method == "POST":
        status = 422
        if form.is_valid() and not (refused and tell(form, refused(form), programme)):
            changes = answers(form)
            try:
                elsewhere = journey.save(step, **changes)
                if elsewhere:
                    messages.info(request, str(ELSEWHERE.format(steps=titles(elsewhere))))
                return redirect(journey.after(step))
            except Stale:
                status = 409
                journey = Journey.of(request)
                theirs = differences(request.exam, step, journey.answers, changes)
                messages.warning(request, str(SAME_STEP))
    return render(
        request,
        f"registration/step_{step}.html",
        {
            "form": form,
            "version": journey.version,
            "progress": journey.progress(step),
            "editing": journey.editing,
            "step_title": STEPS[step],
            "theirs": theirs,
            **facts,
        },
        status=status,
    )


def _review(request: Request, journey: Journey) -> HttpResponse:
    """Everything once more with what stands against it; submitted from here, and only once."""
    exam, by = request.exam, actor(request)
    at, submission, editing = now(exam), journey.submission(), journey.editing
    if request.method == "POST" and request.POST.get("version") != str(journey.version):
        elsewhere = journey.changed_since(request.POST.get("version")) or list(STEPS)
        messages.warning(request, str(REVIEW_AGAIN.format(steps=titles(elsewhere))))
        return redirect(journey.url("review"))
    refusals = services.stands_against(
        exam=exam, submission=submission, at=at, editing_id=editing["id"] if editing else None
    )
    if request.method == "POST":
        try:
            if editing:
                services.edit(
                    exam=exam, registration_id=editing["id"], submission=submission,
                    version=editing["version"], by=by, at=at,
                )  # fmt: skip
            else:
                services.submit(
                    exam=exam, submissions=[submission], candidate_ids=[by.candidate_id or 0], by=by, at=at
                )
            return redirect("registration-done", exam=exam.slug)
        except (RuleRefused, Stale) as refused:
            after = Journey.of(request)
            if after.live and after.version == 0:  # the first of two clicks did it
                return redirect("registration-done", exam=exam.slug)
            if isinstance(refused, Stale):
                raise
            refusals = refused.refusals
    return render(
        request,
        "registration/review.html",
        {
            "sections": sections(exam, submission, journey),
            "refusals": [r for r in refusals if r.strength == "must"],
            "doubts": [r for r in refusals if r.strength != "must"],
            "version": journey.version,
            "progress": journey.progress("review"),
            "editing": editing,
            "photo": journey.answers.get("photo", ""),
        },
        status=409 if request.method == "POST" else 200,
    )


PAGES: dict[str, Callable[[Request, Journey], HttpResponse]] = {
    "person": _person,
    "category": _category,
    "route": _route,
    "point": _point,
    "photo": photo_step,
    "pledge": _pledge,
}
