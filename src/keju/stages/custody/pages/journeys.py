"""Papers on the way: the board, the list, one journey with its book, and planning."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.kernel.offices.queries import office
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, current_language, t
from keju.stages.custody.forms import journeys as typed
from keju.stages.custody.forms.journeys import ENTRY_WORDS, LEGS, MODES, STATES, TOLD
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.queries.naming import place_names
from keju.stages.custody.rules.journeys import Mode
from keju.stages.custody.services import journeys as planning
from keju.stages.custody.services import moving_prints as prints
from keju.stages.custody.services import underway

READ, PLAN = "custody:chain:read", "custody:journey:plan"
PAGE = 50
SIDE = 300  # of the sketch, in its own units
DUTIES = {"leader": t("负责人", "leads"), "escort": t("押运员", "escort"), "driver": t("驾驶员", "driver")}
WRONG = t(
    "验证码不对、已用过或已过期，路线没有变更。",
    "The code is wrong, used or too old; the route is not changed.",
)


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """What is on the move, what is wrong first; below, every journey."""
    exam, by, after = request.exam, actor(request), after_of(request)
    filters = typed.JourneyFilter(request.GET)
    found = queries.listed(exam, viewer=by, **filters.chosen(), after=after)
    rows, page = cut(found[: PAGE + 1], PAGE, after)
    facts = {
        "board": queries.board(exam, viewer=by, at=now(exam)),
        "filters": filters,
        "rows": [(r, *STATES[r.state], MODES[Mode(r.mode)], LEGS[queries.Leg(r.leg)]) for r in rows],
        "page": page,
        "may_plan": by.may(PLAN) and bool(by.office_code),
    }
    return render(request, "custody/journeys/list.html", facts)


@require_http_methods(["GET", "POST"])
@office_page(PLAN)
def new(request: Request) -> HttpResponse:
    """A leg is planned."""
    exam, by = request.exam, actor(request)
    form = _plan_form(request)
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


@require_GET
@office_page(READ)
def journey(request: Request, journey_id: int) -> HttpResponse:
    """One journey: its plan, its people, its book, and what may be done next."""
    return _journey(request, journey_id)


def _journey(
    request: Request, journey_id: int, act: str = "", form: forms.Form | None = None
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.one(exam, journey_id, viewer=by)
    entries = queries.entries_of(row)
    planner = by.may(PLAN)
    blank: dict[str, forms.Form] = {
        "submit": typed.SubmitForm(auto_id="submit-%s"),
        "depart": typed.DepartForm(mode=row.mode, auto_id="depart-%s"),
        "arrive": typed.ArriveForm(auto_id="arrive-%s"),
        "enter": typed.EntryForm(auto_id="enter-%s"),
        "tell": typed.ToldForm(auto_id="tell-%s"),
        "route": typed.RouteForm(auto_id="route-%s"),
        "cancel": typed.CancelForm(auto_id="cancel-%s"),
    }
    if form is not None:
        blank[act] = form
    facts = {
        "row": row,
        "chip": STATES[row.state],
        "mode": MODES[Mode(row.mode)],
        "place": place_names(exam, [row.to_place])[row.to_place],
        "crew": [(c, DUTIES[c.duty]) for c in queries.crew_of(row)],
        "cargo": queries.cargo(row),
        "entries": [(e, ENTRY_WORDS[e.kind], TOLD.get(e.told, "")) for e in entries],
        "untold": [TOLD[a] for a in queries.untold(entries)] if row.trouble_since else [],
        "sketch": sketch([(e.lat, e.lng) for e in entries if e.lat is not None and e.lng is not None]),
        "forms": blank,
        "tried": act,
        "may": planner,
        "next": {"draft": ["submit"], "settled": ["depart"], "under_way": ["arrive"]}.get(row.state, [])
        if planner
        else [],
        "may_cancel": planner and row.state in ("draft", "proposed", "settled"),
    }
    return render(request, "custody/journeys/journey.html", facts, status=409 if form else 200)


@require_POST
@office_page(PLAN)
def submit(request: Request, journey_id: int) -> HttpResponse:
    form = typed.SubmitForm(request.POST, auto_id="submit-%s")
    said = t(
        "方案已提交：需要批准的正等待批准，不需要的已定下。",
        "Submitted: settled, or waiting for the approval it needs.",
    )

    def act(by: Any, at: Any) -> object:
        return planning.submit(
            exam=request.exam, journey_ids=[journey_id], reason=form.cleaned_data["reason"], by=by, at=at
        )

    return _act(request, journey_id, "submit", form, act, said)


@require_POST
@office_page(PLAN)
def depart(request: Request, journey_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.one(exam, journey_id, viewer=by)
    form = typed.DepartForm(request.POST, mode=row.mode, auto_id="depart-%s")

    def act(by: Any, at: Any) -> object:
        leaving = underway.Departure(
            journey_id, form.cleaned_data["key"], form.cleaned_data.get("attested", [])
        )
        try:
            return underway.depart(exam=exam, departures=[leaving], by=by, at=at)
        except RuleRefused as refused:
            underway.departure_refused(exam=exam, journey_id=journey_id, refused=refused, by=by, at=at)
            raise

    return _act(
        request,
        journey_id,
        "depart",
        form,
        act,
        t("已出发，接收单位已得到预告。", "It has left; the receiver has been told."),
    )


@require_POST
@office_page(PLAN)
def arrive(request: Request, journey_id: int) -> HttpResponse:
    form = typed.ArriveForm(request.POST, auto_id="arrive-%s")

    def act(by: Any, at: Any) -> object:
        return underway.arrive(
            exam=request.exam, arrivals={journey_id: form.cleaned_data["key"]}, by=by, at=at
        )

    return _act(
        request,
        journey_id,
        "arrive",
        form,
        act,
        t("已到达。请立即办理交接。", "It has arrived. Hand the papers over at once."),
    )


@require_POST
@office_page(PLAN)
def enter(request: Request, journey_id: int) -> HttpResponse:
    form = typed.EntryForm(request.POST, auto_id="enter-%s")

    def act(by: Any, at: Any) -> object:
        entry = underway.Entry(journey_id, **form.facts())  # type: ignore[attr-defined]
        return underway.enter(exam=request.exam, entries=[entry], by=by, at=at)

    return _act(request, journey_id, "enter", form, act, t("已记入。", "Entered."))


@require_POST
@office_page(PLAN)
def tell(request: Request, journey_id: int) -> HttpResponse:
    form = typed.ToldForm(request.POST, auto_id="tell-%s")

    def act(by: Any, at: Any) -> object:
        entry = underway.Entry(journey_id, kind="told", **form.cleaned_data)
        return underway.enter(exam=request.exam, entries=[entry], by=by, at=at)

    return _act(request, journey_id, "tell", form, act, t("已记入。", "Entered."))


@require_POST
@office_page(PLAN)
def route(request: Request, journey_id: int) -> HttpResponse:
    exam = request.exam
    queries.one(exam, journey_id, viewer=actor(request))
    form = typed.RouteForm(request.POST, auto_id="route-%s")

    def act(by: Any, at: Any) -> object:
        made = underway.change_route(exam=exam, journey_id=journey_id, **form.cleaned_data, by=by, at=at)
        if made is None:
            form.add_error("code", str(WRONG))
        return made

    return _act(
        request, journey_id, "route", form, act, t("路线变更已记录。", "The change of route is on record.")
    )


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

    return _act(request, journey_id, "cancel", form, act, t("已取消。", "Cancelled."))


def _act(
    request: Request,
    journey_id: int,
    name: str,
    form: forms.Form,
    act: Callable[[Any, Any], object],
    said: Words,
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    if form.is_valid():
        try:
            act(by, now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        if not form.errors:
            messages.success(request, str(said))
            return redirect("custody-journey", exam=exam.slug, journey_id=journey_id)
    return _journey(request, journey_id, name, form)


def _plan_form(request: Request) -> typed.PlanForm:
    exam, by = request.exam, actor(request)
    ends = []
    for sender, receiver, place in queries.ends(exam, by.office_code):
        ends.append((f"{sender}>{receiver}>{place}", sender, receiver, place))
    data = request.POST if request.method == "POST" else request.GET
    chosen = next((e for e in ends if e[0] == data.get("ends")), ends[0] if len(ends) == 1 else None)
    posts = {post.code: post.name for post in exams.programme(exam).posts}
    people = [
        (c.person_id, f"{c.name} · {posts[c.post]} · {office(c.office_code).name}")
        for c in queries.candidates(exam, by.office_path)
        if chosen and c.office_code in chosen[1:3]
    ]
    named = place_names(exam, {place for *_, place in ends})
    arrow = t("{sender} → {receiver}（{place}）", "{sender} → {receiver} ({place})")
    choices = [
        (value, arrow.format(sender=office(s).name, receiver=office(r).name, place=named[p]))
        for value, s, r, p in ends
    ]
    given = {"ends": chosen[0]} if chosen else {}
    return typed.PlanForm(
        data if request.method == "POST" else None,
        ends=choices,
        people=people,
        settled=bool(chosen),
        initial=given,
    )


def sketch(positions: Sequence[tuple[Decimal, Decimal]]) -> list[tuple[int, int]]:
    """The positions as points of a square of `SIDE`, north up, in their own proportion; none for fewer than two."""
    if len(set(positions)) < 2:
        return []
    lats, lngs = [float(a) for a, _ in positions], [float(b) for _, b in positions]
    span = max(max(lats) - min(lats), max(lngs) - min(lngs))
    room = SIDE - 40
    return [
        (round(20 + (b - min(lngs)) / span * room), round(20 + (max(lats) - a) / span * room))
        for a, b in zip(lats, lngs, strict=True)
    ]


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
