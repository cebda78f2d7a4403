"""What leaves a roster: telephones on record, versions, prints, sheets, calendars, links."""

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.calendar.icalendar import TYPE
from keju.kernel.exams.access import Request, actor, office_page, public_page
from keju.kernel.files.responses import answer
from keju.kernel.offices import Actor
from keju.kernel.sheets import XLSX
from keju.rulebook.words import current_language, t
from keju.stages.staffing.pages.roster import page
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.services import rosters as services

TRIES, HOUR = 60, 3600


@require_POST
@office_page("staffing:phone:unmask")
def phones(request: Request, roster_id: int) -> HttpResponse:
    """The same page once with telephones in clear; on record."""
    exam, by = request.exam, actor(request)
    return page(
        request, roster_id, clear=services.show_roster(exam=exam, roster_id=roster_id, by=by, at=now(exam))
    )


@require_POST
@office_page("staffing:roster:make")
def links(request: Request, roster_id: int) -> HttpResponse:
    """The same page once with a calendar link for everybody on the roster; they are shown this once."""
    exam, by = request.exam, actor(request)
    given = services.give_calendar_links(exam=exam, roster_id=roster_id, by=by, at=now(exam))
    shown = [
        (
            one.name,
            request.build_absolute_uri(
                reverse("staffing-calendar", kwargs={"exam": exam.slug, "token": one.token})
            ),
        )
        for one in given
    ]
    return page(request, roster_id, links=shown)


@require_GET
@office_page("staffing:people:read")
def version(request: Request, roster_id: int, edition: int) -> HttpResponse:
    """What was published, with what it changed."""
    exam, by = request.exam, actor(request)
    one = queries.roster(exam, roster_id, viewer=by)
    if not 1 <= edition <= one.published:
        raise NotPermitted(hidden=True)
    facts = {
        "roster": one,
        "kind": queries.kind_of(exam, one.kind),
        "version": queries.version(one, edition),
        "rows": [
            (row, queries.post_name(exam, row.post)) for row in queries.frozen(one, edition) if not row.gone
        ],
        "changes": queries.difference(one, edition),
    }
    return render(request, "staffing/rosters/version.html", facts)


@require_POST
@office_page("staffing:phone:unmask")
def print_roster(request: Request, roster_id: int) -> HttpResponse:
    """The roster in force as PDF; a copy more in the print ledger, hence a POST."""
    exam, by = request.exam, actor(request)
    made = services.print_roster(
        exam=exam, roster_id=roster_id, language=current_language(), by=by, at=now(exam)
    )
    return answer(made.pdf, "application/pdf", str(t("值守表.pdf", "roster.pdf")), inline=True)


@require_GET
@office_page("staffing:roster:make")
def export(request: Request, roster_id: int) -> HttpResponse:
    """The roster in the form in which it is imported."""
    made = queries.detail(request.exam, roster_id, viewer=actor(request))
    return answer(services.roster_workbook(made), XLSX, str(t("值守表.xlsx", "roster.xlsx")))


@require_GET
@office_page("staffing:people:read")
def calendar(request: Request, roster_id: int) -> HttpResponse:
    """The roster in force as a calendar file; names, no telephones."""
    exam = request.exam
    one = queries.roster(exam, roster_id, viewer=actor(request))
    if not one.published:
        raise NotPermitted(hidden=True)
    shown = queries.appearances(exam, queries.roster_shifts(one), named=True)
    return answer(services.calendar_of(exam, shown), TYPE, str(t("值守表.ics", "roster.ics")))


@require_GET
@never_cache
@public_page
def own(request: Request, token: str) -> HttpResponse:
    """Behind a member's link: a button that takes their calendar, once."""
    exam = request.exam
    state = services.link_state(exam, token, now(exam))
    if state == "unknown":
        _count(request)
        raise NotPermitted(hidden=True)
    return render(request, "staffing/rosters/own.html", {"state": state, "token": token})


@require_POST
@never_cache
@public_page
def take(request: Request, token: str) -> HttpResponse:
    """The calendar file; the link is used up."""
    exam = request.exam
    if services.link_state(exam, token, now(exam)) == "unknown":
        _count(request)
    data = services.take_calendar(exam=exam, token=token, by=Actor.system("calendar-link"), at=now(exam))
    return answer(data, TYPE, str(t("值守.ics", "duty.ics")))


def _count(request: Request) -> None:
    """Who guesses links is soon told nothing at all."""
    key = f"staffing-calendar:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, HOUR)
    if cache.incr(key) > TRIES:
        raise NotPermitted
