"""The front door: which exams there are, where the year stands, and the one thing that can be done now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from keju.kernel.accounts import queries as accounts
from keju.kernel.calendar import now, today
from keju.kernel.exams import queries
from keju.kernel.exams.access import POSTING, Request, public_page
from keju.kernel.exams.clearing import slugs
from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words, t
from keju.web.site.current import by_nearness

Calendar = Mapping[str, datetime]
PUBLIC_MILESTONES = (
    "registration_opens",
    "registration_closes",
    "confirmation_opens",
    "confirmation_ends",
    "tickets_opened",
    "exam_day",
    "results_released",
    "certificates_granted",
)


@dataclass(frozen=True)
class Moment:
    """One line of the timeline; `state` is past, today or next."""

    name: object
    at: datetime | None
    state: str
    detail: object = ""
    url: str = ""


@dataclass(frozen=True)
class Door:
    """What is open now: `action` on the button, `until` when it closes."""

    action: Words
    url: str = ""
    until: datetime | None = None
    is_regional: bool = False  # closes in each region on its own day


@public_page
def home(request: Request) -> HttpResponse:
    exams = by_nearness()
    exam = next((e for e in exams if e.slug == request.GET.get("exam", "")), exams[0] if exams else None)
    if exam is None:
        return render(request, "site/home.html", {"others": []})
    request.exam = exam  # the header, the clock and the band follow
    known = _calendar(request, exam)
    moments = timeline(exam, known)
    facts = {
        "others": [e for e in exams if e != exam],
        "moments": moments,
        "coming": next((m for m in moments if m.state == "next" and m.at), None),
        "doors": doors(exam, known),
        "regional": queries.periods_differ(exam),
        "sessions": queries.sessions(exam),
        "subjects": queries.subjects(exam),
        "categories": queries.programme(exam).categories,
    }
    return render(request, "site/home.html", facts)


def _calendar(request: Request, exam: Exam) -> Calendar:
    """The milestones as they hold for the reader: of a region's staff the region's own, else what the public sees."""
    held = []
    if request.user.is_authenticated:
        _, held = accounts.staff_of(request.user, today(), slugs(exam))  # type: ignore[arg-type]
    chosen = request.session.get(POSTING)
    holding = next((h for h in held if h.posting_id == chosen), held[0] if held else None)
    if holding is None or holding.office_path == "/":
        return queries.public_calendar(exam)
    return queries.milestones(exam, holding.office_path)


def timeline(exam: Exam, known: Calendar) -> list[Moment]:
    """The public milestones in the order of the year, and today after the last that has passed."""
    here = now(exam)
    names = {m.key: m.name for m in queries.programme(exam).milestones}
    moments = []
    for key in PUBLIC_MILESTONES:
        if key in names:
            at = known.get(key)
            moments.append(Moment(names[key], at, "past" if at and at <= here else "next"))
    # Regions may run on calendars of their own: what is dated stands by date, the rest in the order of the year.
    dated = sorted((m for m in moments if m.at), key=lambda m: m.at or here)
    passed = sum(m.state == "past" for m in dated)
    undated = [m for m in moments if not m.at]
    return [*dated[:passed], Moment(t("今天", "Today"), here, "today"), *dated[passed:], *undated]


def doors(exam: Exam, known: Calendar) -> list[Door]:
    """Everything that is open now by that calendar, the latest in the year first."""
    here = now(exam)

    def open_between(start: str, end: str | None) -> bool:
        began, ended = known.get(start), known.get(end) if end else None
        return began is not None and began <= here and (ended is None or here < ended)

    found = []
    if open_between("results_released", None):
        found.append(_door(t("查询成绩", "See my result"), "results-lookup", exam))
    if open_between("registration_opens", "registration_closes"):
        found.append(
            _door(
                t("网上报名", "Register"),
                "registration-start",
                exam,
                known.get("registration_closes"),
                is_regional=True,
            )
        )
    if open_between("tickets_opened", "exam_ends"):
        found.append(_door(t("打印准考证", "Print my ticket"), "tickets-mine", exam, known.get("exam_day")))
    return [door for door in found if door]


def _door(
    action: Words, name: str, exam: Exam, until: datetime | None = None, *, is_regional: bool = False
) -> Door | None:
    for kwargs in ({"exam": exam.slug}, {}):
        try:
            return Door(action, reverse(name, kwargs=kwargs), until, is_regional)
        except NoReverseMatch:
            continue
    return None
