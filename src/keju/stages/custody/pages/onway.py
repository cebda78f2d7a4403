"""The page behind the code on an escort card: reports from the way, on a telephone with a bad network."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, public_page
from keju.kernel.exams.refusing import explain
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.custody.forms import journeys as typed
from keju.stages.custody.forms.journeys import ENTRY_WORDS, STATES, TOLD
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.services import underway

TRIES, HOUR = 60, 3600
NATION = Actor.system("custody journeys")
ROUTE_WRONG = t(
    "验证码不对、已用过或已过期，路线没有变更。",
    "The code is wrong, used or too old; the route is not changed.",
)


@require_GET
@never_cache
@public_page
def onway(request: Request, token: str) -> HttpResponse:
    """How the journey stands, and the form to report by."""
    return _page(request, token)


@require_POST
@never_cache
@public_page
def enter(request: Request, token: str) -> HttpResponse:
    form = typed.EntryForm(request.POST, auto_id="enter-%s")

    def act(card: queries.OnWay, at: datetime) -> object:
        entry = underway.Entry(card.journey.pk, **form.facts())
        return underway.enter_on_way(exam=request.exam, card=card, entry=entry, by=card.actor, at=at)

    return _act(request, token, "enter", form, act, t("已收到，谢谢。", "Received, thank you."))


@require_POST
@never_cache
@public_page
def tell(request: Request, token: str) -> HttpResponse:
    form = typed.ToldForm(request.POST, auto_id="tell-%s")

    def act(card: queries.OnWay, at: datetime) -> object:
        entry = underway.Entry(card.journey.pk, kind="told", **form.cleaned_data)
        return underway.enter_on_way(exam=request.exam, card=card, entry=entry, by=card.actor, at=at)

    return _act(request, token, "tell", form, act, t("已记入。", "Entered."))


@require_POST
@never_cache
@public_page
def route(request: Request, token: str) -> HttpResponse:
    form = typed.RouteForm(request.POST, auto_id="route-%s")

    def act(card: queries.OnWay, at: datetime) -> object:
        given = {"exam": request.exam, "journey_id": card.journey.pk, **form.cleaned_data}
        made = underway.change_route(**given, by=card.actor, at=at)
        if made is None:
            form.add_error("code", str(ROUTE_WRONG))
        return made

    return _act(
        request, token, "route", form, act, t("路线变更已记录。", "The change of route is on record.")
    )


@require_POST
@never_cache
@public_page
def arrive(request: Request, token: str) -> HttpResponse:
    form = typed.ArriveForm(request.POST, auto_id="arrive-%s")

    def act(card: queries.OnWay, at: datetime) -> object:
        return underway.arrive_on_way(
            exam=request.exam, card=card, key=form.cleaned_data["key"], by=card.actor, at=at
        )

    return _act(
        request,
        token,
        "arrive",
        form,
        act,
        t("已到达。请立即办理交接。", "Arrived. Hand the papers over at once."),
    )


def _act(
    request: Request,
    token: str,
    name: str,
    form: Any,
    act: Callable[[queries.OnWay, datetime], object],
    said: Words,
) -> HttpResponse:
    exam = request.exam
    card = _found(request, token)
    if form.is_valid():
        try:
            act(card, now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        if not form.errors:
            messages.success(request, str(said))
            return redirect("custody-onway", exam=exam.slug, token=token)
    return _page(request, token, name, form)


def _page(request: Request, token: str, act: str = "", form: forms.Form | None = None) -> HttpResponse:
    card = _found(request, token)
    with acting(NATION):
        entries = queries.entries_of(card.journey)
    blank: dict[str, forms.Form] = {
        "enter": typed.EntryForm(auto_id="enter-%s"),
        "tell": typed.ToldForm(auto_id="tell-%s"),
        "route": typed.RouteForm(auto_id="route-%s"),
        "arrive": typed.ArriveForm(auto_id="arrive-%s"),
    }
    if form is not None:
        blank[act] = form
    row = card.journey
    facts = {
        "row": row,
        "card": card,
        "token": token,
        "chip": STATES[row.state],
        "moving": row.state == "under_way",
        "entries": [(e, ENTRY_WORDS[e.kind], TOLD.get(e.told, "")) for e in reversed(entries)],
        "untold": [TOLD[a] for a in queries.untold(entries)] if row.trouble_since else [],
        "forms": blank,
        "tried": act,
    }
    return render(request, "custody/journeys/onway.html", facts, status=409 if form else 200)


def _found(request: Request, token: str) -> queries.OnWay:
    """Hidden for an address that no card has; who tries many is put off."""
    key = f"custody-onway:{request.META.get('REMOTE_ADDR', '')}"
    card = queries.on_way(request.exam, token) if cache.get(key, 0) < TRIES else None
    if card is None:
        cache.set(key, cache.get(key, 0) + 1, HOUR)
        raise NotPermitted(hidden=True)
    return card
