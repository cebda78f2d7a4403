"""Planning a journey: a new plan, another one, submitted, given up, and on paper."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.kernel.offices.queries import office
from keju.rulebook import RuleRefused
from keju.rulebook.words import current_language, t
from keju.stages.custody.forms import journey_plans as typed
from keju.stages.custody.pages.journeys import PLAN, done
from keju.stages.custody.queries import escorts
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.queries.naming import place_names
from keju.stages.custody.services import journey_approval
from keju.stages.custody.services import journeys as planning
from keju.stages.custody.services import moving_prints as prints


@require_http_methods(["GET", "POST"])
@office_page(PLAN)
def new(request: Request) -> HttpResponse:
    """A leg is planned."""
    exam, by = request.exam, actor(request)
    form = _plan_form(request, queries.ends(exam, by.office_code))
    if request.method == "POST" and form.is_valid():
        sender, receiver, plan = form.parts()
        try:
            (row,) = planning.plan_journeys(
                exam=exam, journeys=[planning.NewJourney(sender, receiver, plan)], by=by, at=now(exam)
            )
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(
                request,
                str(t("方案已存为草稿，请核对后提交。", "Saved as a draft. Look it over, then submit it.")),
            )
            return redirect("custody-journey", exam=exam.slug, journey_id=row.pk)
    return render(request, "custody/journeys/plan.html", {"form": form}, status=409 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@office_page(PLAN)
def change(request: Request, journey_id: int) -> HttpResponse:
    """The plan is another one, and a draft again."""
    exam, by = request.exam, actor(request)
    row = queries.one(exam, journey_id, viewer=by)
    own = (row.sender_code, row.receiver_code)
    ends = list(
        dict.fromkeys(
            [(*own, row.to_place), *(e for e in queries.ends(exam, by.office_code) if (e[0], e[1]) == own)]
        )
    )
    plan = queries.plan_of(row, queries.crew_of(row))
    form = _plan_form(request, ends, typed.typed_plan(plan, _ends(*own, row.to_place)))
    if request.method == "POST" and form.is_valid():
        _, _, plan = form.parts()
        version = seen_version(request)
        try:
            planning.change_plan(
                exam=exam, journey_id=journey_id, version=version, plan=plan, by=by, at=now(exam)
            )
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            said = t("方案已修改，请核对后提交。", "The plan is changed. Look it over, then submit it.")
            messages.success(request, str(said))
            return redirect("custody-journey", exam=exam.slug, journey_id=journey_id)
    facts = {"form": form, "row": row}
    return render(request, "custody/journeys/plan.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page(PLAN)
def submit(request: Request, journey_id: int) -> HttpResponse:
    form = typed.SubmitForm(request.POST, auto_id="submit-%s")
    said = t(
        "方案已提交：需要批准的正等待批准，不需要的已定下。",
        "Submitted: settled, or waiting for the approval it needs.",
    )

    def act(by: Any, at: Any) -> object:
        return journey_approval.submit(
            exam=request.exam, journey_ids=[journey_id], reason=form.cleaned_data["reason"], by=by, at=at
        )

    return done(request, journey_id, "submit", form, act, said)


@require_POST
@office_page(PLAN)
def cancel(request: Request, journey_id: int) -> HttpResponse:
    form = typed.CancelForm(request.POST, auto_id="cancel-%s")
    version = seen_version(request)

    def act(by: Any, at: Any) -> object:
        reason = form.cleaned_data["reason"]
        return planning.cancel(
            exam=request.exam, journey_id=journey_id, version=version, reason=reason, by=by, at=at
        )

    return done(request, journey_id, "cancel", form, act, t("已取消。", "Cancelled."))


def _ends(sender: str, receiver: str, place: str) -> str:
    return f"{sender}>{receiver}>{place}"


def _plan_form(
    request: Request, ends: list[tuple[str, str, str]], initial: dict[str, Any] | None = None
) -> typed.PlanForm:
    """Whose people may go along follows from the ends, which are chosen first."""
    exam, by = request.exam, actor(request)
    data = request.POST if request.method == "POST" else request.GET
    asked = data.get("ends") or (initial or {}).get("ends", "")
    chosen = {_ends(*end): end for end in ends}
    if asked not in chosen and len(ends) == 1:
        asked = _ends(*ends[0])
    sides = chosen[asked][:2] if asked in chosen else ()
    posts = {post.code: post.name for post in exams.programme(exam).posts}
    people = [
        (c.person_id, f"{c.name} · {posts[c.post]} · {office(c.office_code).name}")
        for c in escorts.candidates(exam, by.office_path)
        if c.office_code in sides
    ]
    named = place_names(exam, {place for *_, place in ends})
    arrow = t("{sender} → {receiver}（{place}）", "{sender} → {receiver} ({place})")
    choices = [
        (_ends(s, r, p), arrow.format(sender=office(s).name, receiver=office(r).name, place=named[p]))
        for s, r, p in ends
    ]
    return typed.PlanForm(
        data if request.method == "POST" else None,
        ends=choices,
        people=people,
        settled=bool(sides),
        initial={**(initial or {}), "ends": asked} if sides else {},
    )


@require_POST
@office_page(PLAN)
def print_plan(request: Request, journey_id: int) -> HttpResponse:
    """The plan as PDF; a copy more in the print ledger, hence a POST."""
    exam, by = request.exam, actor(request)
    made = prints.print_plan(
        exam=exam, journey_id=journey_id, language=current_language(), by=by, at=now(exam)
    )
    return answer(made.pdf, "application/pdf", str(t("试卷运送方案.pdf", "journey-plan.pdf")), inline=True)


@require_POST
@office_page(PLAN)
def print_cards(request: Request, journey_id: int) -> HttpResponse:
    """Cards with fresh addresses; those of before open nothing any more."""
    exam, by = request.exam, actor(request)
    there = request.build_absolute_uri(reverse("custody-onway", kwargs={"exam": exam.slug, "token": "-"}))
    made = prints.print_cards(
        exam=exam,
        journey_id=journey_id,
        base=there.removesuffix("-/"),
        language=current_language(),
        by=by,
        at=now(exam),
    )
    return answer(made.pdf, "application/pdf", str(t("押运证.pdf", "escort-cards.pdf")), inline=True)
