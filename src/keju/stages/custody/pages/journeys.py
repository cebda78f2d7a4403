"""Papers on the way: the board, the list, and one journey with its book."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.exams.refusing import explain
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.custody.forms import journey_plans
from keju.stages.custody.forms import journeys as typed
from keju.stages.custody.forms.journeys import ENTRY_WORDS, LEGS, MODES, STATES, TOLD
from keju.stages.custody.queries import escorting
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.queries.naming import place_names
from keju.stages.custody.rules.journeys import Mode
from keju.stages.custody.rules.places import journey as place_of
from keju.stages.custody.services import underway

READ, PLAN = "custody:chain:read", "custody:journey:plan"
HAND_OVER = "custody:handover:make"
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
    board = queries.board(exam, viewer=by, at=now(exam))
    facts = {
        "board": board,
        "board_wrong": sum(m.is_wrong for m in board),
        "filters": filters,
        "rows": [(r, *STATES[r.state], MODES[Mode(r.mode)], LEGS[queries.Leg(r.leg)]) for r in rows],
        "page": page,
        "may_plan": by.may(PLAN) and bool(by.office_code),
    }
    return render(request, "custody/journeys/list.html", facts)


@require_GET
@office_page(READ)
def journey(request: Request, journey_id: int) -> HttpResponse:
    """One journey: its plan, its people, its book, and what may be done next."""
    return _journey(request, journey_id)


@require_POST
@office_page(HAND_OVER)
def show_phones(request: Request, journey_id: int) -> HttpResponse:
    """The same page once with the escorts' telephones in clear; on record."""
    exam = request.exam
    phones = underway.show_phones(exam=exam, journey_id=journey_id, by=actor(request), at=now(exam))
    found = _journey(request, journey_id, phones=phones)
    found.headers["Cache-Control"] = "private, no-store"
    return found


def _journey(
    request: Request,
    journey_id: int,
    act: str = "",
    form: forms.Form | None = None,
    phones: dict[int, str] | None = None,
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.one(exam, journey_id, viewer=by)
    entries, crew = queries.entries_of(row), queries.crew_of(row)
    reached = phones or queries.phones(crew)
    planner, cargo = by.may(PLAN), queries.cargo(row)
    open_ = planner and row.state in ("draft", "proposed", "settled")
    blank: dict[str, forms.Form] = {
        "submit": journey_plans.SubmitForm(auto_id="submit-%s"),
        "depart": typed.DepartForm(mode=row.mode, auto_id="depart-%s"),
        "arrive": typed.ArriveForm(auto_id="arrive-%s"),
        "enter": typed.EntryForm(auto_id="enter-%s"),
        "tell": typed.ToldForm(auto_id="tell-%s"),
        "route": typed.RouteForm(auto_id="route-%s"),
        "cancel": journey_plans.CancelForm(auto_id="cancel-%s"),
    }
    if form is not None:
        blank[act] = form
    facts = {
        "row": row,
        "chip": STATES[row.state],
        "mode": MODES[Mode(row.mode)],
        "place": place_names(exam, [row.to_place])[row.to_place],
        "crew": [(c, DUTIES[c.duty], reached[c.person_id]) for c in crew],
        "may_show": phones is None and by.may(HAND_OVER) and any(reached.values()),
        "cargo": cargo,
        "entries": [(e, ENTRY_WORDS[e.kind], TOLD.get(e.told, "")) for e in entries],
        "untold": [TOLD[a] for a in queries.untold(entries)] if row.trouble_since else [],
        "sketch": sketch([(e.lat, e.lng) for e in entries if e.lat is not None and e.lng is not None]),
        "forms": blank,
        "tried": act,
        "may": planner,
        "next": {"draft": ["submit"], "settled": ["depart"], "under_way": ["arrive"]}.get(row.state, [])
        if planner
        else [],
        "handing": _handing(exam, row, by) if bool(cargo) == (row.state == "arrived") else "",
        "may_cancel": open_,
        "may_change": open_ and not cargo,
    }
    return render(request, "custody/journeys/journey.html", facts, status=409 if form else 200)


def _handing(exam: Exam, row: queries.Journey, by: Actor) -> str:
    """The query of the handover that loads or unloads it, where the viewer's office is a side of it."""
    due = escorting.next_handover(exam, row) if by.may(HAND_OVER) else None
    if due is None or by.office_code not in (due.sender, due.receiver):
        return ""
    return urlencode(
        {"begins": str(place_of(row.pk)), **asdict(due)} if row.state == "arrived" else asdict(due)
    )


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

    return done(
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

    return done(
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
        entry = underway.Entry(journey_id, **form.facts())
        return underway.enter(exam=request.exam, entries=[entry], by=by, at=at)

    return done(request, journey_id, "enter", form, act, t("已记入。", "Entered."))


@require_POST
@office_page(PLAN)
def tell(request: Request, journey_id: int) -> HttpResponse:
    form = typed.ToldForm(request.POST, auto_id="tell-%s")

    def act(by: Any, at: Any) -> object:
        entry = underway.Entry(journey_id, kind="told", **form.cleaned_data)
        return underway.enter(exam=request.exam, entries=[entry], by=by, at=at)

    return done(request, journey_id, "tell", form, act, t("已记入。", "Entered."))


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

    return done(
        request, journey_id, "route", form, act, t("路线变更已记录。", "The change of route is on record.")
    )


def done(
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
