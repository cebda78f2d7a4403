"""What each office sees of its venues; the nation watches; figures for the office home."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.offices.queries import path_of
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import t
from keju.stages.venues import queries
from keju.stages.venues.forms import ImportForm
from keju.stages.venues.pages.choosing import region

COLUMNS = (
    Column("point", t("考点代码", "Point code")),
    Column("name", t("考点", "Point")),
    Column("candidates", t("确认考生", "Confirmed candidates"), kind="int"),
    Column("proposed", t("建议承考考点", "Host proposed")),
    Column("decided", t("确定承考考点", "Host decided")),
)


@require_GET
@office_page("venues:site:read")
def home(request: Request) -> HttpResponse:
    """What the viewer's office has to do with venues: decide, host, or know where its candidates go."""
    by = actor(request)
    parts = [part for part in by.office_path.split("/") if part]
    if not parts:
        return _nation(request)
    if len(parts) == 3:
        return redirect("venues-site", exam=request.exam.slug, site=f"{parts[1]}-{parts[2]}")
    return region(request) if len(parts) == 1 else _point(request, parts[1])


def _nation(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    rows = []
    for o in exams.openings(exam, "region"):
        sites = list(queries.sites(exam, viewer=by, region_code=o.office_id))
        rows.append(
            {
                "name": o.office.name,
                "deferred": o.deferred_reason,
                "hosts": queries.hosts(exam, o.office_id),
                "waiting": queries.unreported_hosts(exam, o.office_id),
                "sites": len(sites),
                "rooms": sum(s.room_count for s in sites),
            }
        )
    return render(request, "venues/nation.html", {"rows": rows, "figures": queries.figures(exam, viewer=by)})


def _point(request: Request, point: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    host = queries.host_of(exam, point)
    if host != point:
        return render(request, "venues/guest.html", {"host": host})
    return render(
        request,
        "venues/host.html",
        {
            "point": point,
            "import_form": ImportForm() if by.may("venues:site:edit") else None,
            "guests": queries.guests(exam, point),
            "expected": [
                (c.name, queries.expected(exam, point)[c.code]) for c in exams.programme(exam).categories
            ],
            "sites": [
                (site, queries.readiness(exam, site) if site.reported_at is None else None)
                for site in queries.sites(exam, viewer=by, point_code=point)
            ],
        },
    )


@require_GET
@office_page("venues:site:read")
def export(request: Request) -> HttpResponse:
    """The points of the office with counts and hosts, as a spreadsheet; a site has none."""
    exam, by = request.exam, actor(request)
    codes = [by.region_code] if by.region_code else [o.office_id for o in exams.openings(exam, "region")]
    rows = (
        (r.code, str(r.name), r.candidates, r.proposed, r.decided)
        for code in codes
        for r in queries.rows(exam, code)
        if path_of(r.code).startswith(by.office_path)
    )
    return answer(write_table(COLUMNS, rows), XLSX, str(t("承考考点.xlsx", "hosts.xlsx")))


@require_GET
@office_page("venues:site:read")
def figures(request: Request) -> HttpResponse:
    found = queries.figures(request.exam, viewer=actor(request))
    return render(request, "venues/figures.html", {"figures": found})
