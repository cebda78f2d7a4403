"""All rooms of a site at a glance, its versions, and what differs between any two of them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keju.kernel.accounts.queries import staff_names
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.stages.registration import queries as registration
from keju.stages.seating import queries, rules
from keju.stages.venues import queries as venues

ROOMS = 24
"""Pictures on a page: a site of 500 rooms is read by the page."""
PEOPLE = 500
"""People of a difference on a page; versions that were planned anew differ in everybody."""


@require_GET
@office_page("seating:plan:read")
def overview(request: Request, site: str) -> HttpResponse:
    """Every room of the site as a small picture, by the page."""
    exam, by = request.exam, actor(request)
    row = queries.plan(exam, site, viewer=by)
    start = _whole(request.GET.get("start", ""))
    found, total = queries.pictures(row, start, ROOMS)
    names = {c.code: c.name for c in exams.programme(exam).categories}
    facts = {
        "plan": row,
        "rooms": [
            (p.room, names.get(p.room.category, p.room.category), rules.drawing(p.lines)) for p in found
        ],
        "total": total,
        "first": start + 1,
        "last": start + len(found),
        "before": max(start - ROOMS, 0) if start else None,
        "after": start + ROOMS if start + ROOMS < total else None,
    }
    return render(request, "seating/overview.html", facts)


@require_GET
@office_page("seating:plan:read")
def compare(request: Request, site: str) -> HttpResponse:
    """The versions of the site's plan with why each came, and the difference of two of them: the last two, if not chosen."""
    exam, by = request.exam, actor(request)
    plans = list(queries.versions(exam, site, viewer=by).select_related("site"))
    if not plans:
        venues.site(exam, site, viewer=by)  # somebody else's site is not there, whether planned or not
        return render(request, "seating/versions.html", {"site": site, "versions": []})
    numbers = [p.version for p in plans]
    now = _chosen(request.GET.get("now", ""), numbers, numbers[0])
    then = _chosen(request.GET.get("then", ""), numbers, numbers[min(1, len(numbers) - 1)])
    made = queries.changes(p.pk for p in plans)
    names = staff_names([c.changed_by for c in made.values()] + [p.made_by for p in plans])
    chosen = {p.version: p for p in plans}
    found = queries.compare(chosen[then], chosen[now])
    diff = found.diff
    lines = [(registration.number_of(exam, pk), was, to) for pk, (was, to) in diff.moved.items()]
    lines += [(registration.number_of(exam, pk), None, to) for pk, to in diff.came.items()]
    lines += [(registration.number_of(exam, pk), was, None) for pk, was in diff.left.items()]
    facts = {
        "site": site,
        "plan": plans[0],
        "versions": [(p, made.get(p.pk), names.get(p.made_by, p.made_by)) for p in plans],
        "then": found.former,
        "now": found.plan,
        "lines": lines[:PEOPLE],
        "count": len(lines),
        "hashes": [(p, queries.recomputed(p)) for p in dict.fromkeys((found.former, found.plan))],
    }
    return render(request, "seating/versions.html", facts)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _chosen(text: str, numbers: list[int], otherwise: int) -> int:
    return number if (number := _whole(text)) in numbers else otherwise
