"""The picture of who and what watched which place when, with what was not covered (P7.2)."""

from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import Words, t
from keju.stages.custody.forms.containers import SpanForm
from keju.stages.custody.forms.stores import ReviewForm, VoidForm, WatchForm
from keju.stages.custody.pages.stores import MANAGE, READ, attempted, post_names
from keju.stages.custody.queries import naming, stores
from keju.stages.custody.queries import watching as queries
from keju.stages.custody.queries.store_names import MEANS
from keju.stages.custody.rules.watching import SCORING
from keju.stages.custody.services import watching
from keju.stages.custody.services.watching import NewSpan
from keju.stages.security.services.findings import NewFinding

WIDTH = 1000  # units of the picture, left to right
SCORED = t("阅卷", "Scoring")


@require_GET
@office_page(READ)
def board(request: Request) -> HttpResponse:
    return _board(request)


def _board(request: Request, form: forms.Form | None = None, wrong: str = "") -> HttpResponse:
    exam, by, at = request.exam, actor(request), now(request.exam)
    during = SpanForm(request.GET if "since" in request.GET else None)
    since, until = at - timedelta(days=2), at
    if during.is_bound and during.is_valid():
        since, until = during.cleaned_data["since"], during.cleaned_data["until"]
    found = queries.coverage(exam, (since, until), viewer=by)
    spans, reviews = queries.spans(exam, viewer=by), queries.reviews(exam, viewer=by)
    wanted = {c.place for c in found} | {s.place for s in spans if s.place != SCORING}
    mine = {row.place for row in stores.stores(exam, viewer=by)[: queries.MOST]}
    names = naming.place_names(exam, wanted | mine) | {SCORING: SCORED}
    choices = [(place, names[place]) for place in sorted(wanted | mine) if not place.startswith("journey")]
    choices += [(SCORING, SCORED)] if by.office_path == "/" else []
    facts = {
        "since": since,
        "until": until,
        "rows": [(c, names[c.place], _bars(c, since, until)) for c in found[: queries.MOST]],
        "uncovered": sum(len(c.uncovered) for c in found),
        "total": len(found),
        "days": _days(since, until),
        "during": during if during.is_bound else SpanForm(initial={"since": since, "until": until}),
        "spans": [(s, names.get(s.place, s.place), MEANS[s.means]) for s in spans],
        "reviews": [(r, names.get(r.span.place, r.span.place)) for r in reviews],
        "form": form if wrong == "enter" else WatchForm(places=choices),
        "may_manage": by.may(MANAGE),
        "clause": queries.clause(exam),
    }
    return render(request, "custody/stores/watch.html", facts, status=409 if form else 200)


def _x(at: datetime, since: datetime, until: datetime) -> int:
    return round(WIDTH * ((at - since) / (until - since)))


def _bars(c: queries.Coverage, since: datetime, until: datetime) -> list[tuple[str, int, int]]:
    """(class, x, width) of what the picture of a place shows, from the back to the front."""
    lots = (("lay", c.lay), ("persons", c.persons), ("video", c.video), ("gap", c.uncovered))
    return [
        (name, _x(a, since, until), max(2, _x(b, since, until) - _x(a, since, until)))
        for name, hours in lots
        for a, b in hours
    ]


def _days(since: datetime, until: datetime) -> list[tuple[int, datetime]]:
    """Midnights within the picture, at most a dozen."""
    day = since.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    found = []
    while day < until:
        found.append((_x(day, since, until), day))
        day += timedelta(days=1)
    return found[:: max(1, len(found) // 12)]


def _done(request: Request, words: Words) -> HttpResponse:
    messages.success(request, str(words))
    return redirect("custody-watch", exam=request.exam.slug)


@require_POST
@office_page(MANAGE)
def enter(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    place = request.POST.get("place", "")[:60]
    form = WatchForm(request.POST, places=[(place, place)])

    def act() -> None:
        facts = dict(form.cleaned_data)
        watching.enter_watch(exam=exam, key=facts.pop("key"), spans=[NewSpan(**facts)], by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _board(request, form, "enter")
    return _done(request, t("已登记。", "Entered."))


@require_GET
@office_page(READ)
def span(request: Request, span_id: int) -> HttpResponse:
    """One stretch: replayed, or declared void."""
    return _span(request, span_id)


def _span(request: Request, span_id: int, wrong: str = "", form: forms.Form | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.span(exam, span_id, viewer=by)
    facts = {
        "span": row,
        "name": SCORED if row.place == SCORING else naming.place_names(exam, [row.place])[row.place],
        "means": MEANS[row.means],
        "reviews": [r for r in queries.reviews(exam, viewer=by) if r.span_id == row.pk],
        "review": form if wrong == "review" else _reviewing(request, row),
        "void": form if wrong == "void" else VoidForm(),
        "wrong": wrong,
        "may_manage": by.may(MANAGE) and row.void_at is None,
        "may_review": by.may(MANAGE) and row.void_at is None and row.means == "video",
    }
    return render(request, "custody/stores/span.html", facts, status=409 if form else 200)


def _reviewing(request: Request, row: object) -> ReviewForm:
    exam, by = request.exam, actor(request)
    path = getattr(row, "office_path", "/")
    code = path.strip("/").split("/")[-1] if path != "/" else by.office_code
    people = stores.candidates(exam, code)
    first = {"from_at": getattr(row, "starts_at", None), "to_at": getattr(row, "ends_at", None)}
    data = request.POST if request.method == "POST" else None
    return ReviewForm(data, people=people, posts=post_names(exam), initial=first)


@require_POST
@office_page(MANAGE)
def review(request: Request, span_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.span(exam, span_id, viewer=by)
    form = _reviewing(request, row)

    def act() -> None:
        facts = form.cleaned_data
        owner = facts.pop("person")
        due = facts.pop("due_on")
        code = row.office_path.strip("/").split("/")[-1] or by.office_code
        finding = (
            NewFinding(code, facts["seen"], "major", code, owner, due, queries.clause(exam))
            if owner
            else None
        )
        watching.review_watch(exam=exam, span_id=span_id, **facts, finding=finding, by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _span(request, span_id, "review", form)
    messages.success(request, str(t("回放已记入。", "The replay is on record.")))
    return redirect("custody-watch-span", exam=exam.slug, span_id=span_id)


@require_POST
@office_page(MANAGE)
def void(request: Request, span_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = VoidForm(request.POST)

    def act() -> None:
        watching.void_watch(exam=exam, span_id=span_id, why=form.cleaned_data["why"], by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _span(request, span_id, "void", form)
    return _done(request, t("已作废，不再计算。", "Void; it counts no more."))
