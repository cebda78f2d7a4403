"""The list of rosters with what is missing, and opening further ones."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import after_of, cut, number_of
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.staffing.forms.rosters import OpenForm, RosterFilter
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.services import rosters as services
from keju.stages.venues import queries as venues

MOST_TICKED = 100
OPENED = t(
    "已有 {n} 张表，系统排了 {put} 个班次，请逐张核对后发布。",
    "{n:roster|rosters} are open and {put:shift|shifts} proposed. Look at each and publish it.",
)


SIZE = 40


@require_GET
@office_page("staffing:people:read")
def rosters(request: Request) -> HttpResponse:
    """The rosters of the viewer's offices with what is missing, and a form to open further ones."""
    return _list(request)


def _list(request: Request, form: OpenForm | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    filters = RosterFilter(request.GET, exam=exam)
    asked, after = filters.asked(), after_of(request)
    found = queries.rosters(exam, viewer=by, after=after, size=SIZE + 1, **asked)
    rows, page = cut(found, SIZE, after, total=queries.roster_total(exam, viewer=by, **asked))
    made = queries.made(exam, rows)
    may_make = by.may("staffing:roster:make")
    facts = {
        "rows": made,
        "whole": sum(one.is_whole for one in made) if may_make else 0,
        "filters": filters,
        "page": page,
        "open_form": form or OpenForm(exam=exam, initial={"office": by.office_code}),
        "may_make": may_make,
    }
    return render(request, "staffing/rosters/list.html", facts, status=409 if form else 200)


@require_POST
@office_page("staffing:roster:make")
def add(request: Request) -> HttpResponse:
    """The rosters are open, filled as the program proposes where several are opened at once."""
    exam, by = request.exam, actor(request)
    form = OpenForm(request.POST, exam=exam)
    if not form.is_valid():
        return _list(request, form)
    kind, typed = form.cleaned_data["kind"], form.cleaned_data["office"].strip()
    codes = offices_of(exam, kind, by) if typed == "*" else [typed]
    if not codes or not _keeps(exam, kind, codes[0], by):
        words = t("没有这样的单位，或它不设这种表。", "There is no such office, or it keeps no such roster.")
        form.add_error("office", str(words))
        return _list(request, form)
    rows = services.open_rosters(exam=exam, kind=kind, office_codes=codes, by=by, at=now(exam))
    if len(rows) == 1:
        return redirect("staffing-roster", exam=exam.slug, roster_id=rows[0].pk)
    empty = [m.roster.pk for m in queries.made(exam, rows) if not m.lines]
    put = (
        services.take_proposals(exam=exam, roster_ids=empty, seed=1, afresh=False, by=by, at=now(exam))
        if empty
        else 0
    )
    messages.success(request, str(OPENED.format(n=len(rows), put=put)))
    return redirect("staffing-rosters", exam=exam.slug)


def offices_of(exam: Exam, kind: str, by: Actor) -> list[str]:
    """The offices of the actor's subtree that keep rosters of the kind: hosts and their sites, regions, the centre."""
    at = queries.kind_of(exam, kind).at
    codes = ["centre"] if "centre" in at else []
    codes += [o.office_id for o in exams.openings(exam, "region")] if "region" in at else []
    codes += venues.hosts(exam) if "point" in at else []
    codes += [s.code for s in venues.sites(exam, viewer=by)] if "site" in at else []
    return [code for code in codes if office(code).path.startswith(by.office_path or "-")]


def _keeps(exam: Exam, kind: str, code: str, by: Actor) -> bool:
    try:
        found = office(queries.known_offices([code])[0])
    except NotPermitted:
        return False
    return str(found.kind) in queries.kind_of(exam, kind).at and found.path.startswith(by.office_path or "-")


@require_POST
@office_page("staffing:roster:make")
def publish_ticked(request: Request) -> HttpResponse:
    """The first version of every roster ticked in the list is in force, as each was seen there; or of none."""
    exam, by = request.exam, actor(request)
    seen: dict[int, int] = {}
    for one in request.POST.getlist("roster")[:MOST_TICKED]:
        pk, _, version = one.partition(":")
        if (roster_id := number_of(pk)) and (number := number_of(version)):
            seen[roster_id] = number
    if not seen:
        raise ValidationError(str(t("没有勾选任何值守表。", "No roster is ticked.")))
    done = services.publish_rosters(exam=exam, roster_ids=sorted(seen), expected=seen, by=by, at=now(exam))
    words = t(
        "已发布{n}张值守表，有关人员已收到通知。",
        "{n:roster is|rosters are} in force and those concerned are told.",
    )
    messages.success(request, str(words.format(n=len(done))))
    return redirect("staffing-rosters", exam=exam.slug)
