"""Planning the seats of a region, and looking at plans, rooms and the S."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.seating import queries, rules, services
from keju.stages.venues import queries as venues

COLUMNS = (
    Column("site", t("考试地点", "Site")),
    Column("room", t("考场", "Room"), kind="int"),
    Column("serial", t("座位", "Seat"), kind="int"),
    Column("column", t("列", "Column"), kind="int"),
    Column("row", t("排", "Row"), kind="int"),
    Column("category", t("类别", "Category")),
    Column("number", t("报名号", "Registration number")),
)


@require_GET
@office_page("seating:plan:read")
def home(request: Request) -> HttpResponse:
    """The plans of the viewer's offices; for a region, what stands against planning now."""
    exam, by = request.exam, actor(request)
    if by.office_path == "/":
        found = queries.nation_states(exam, viewer=by)
        none = queries.RegionState("", 0, 0, 0, "")
        states = [(o.office.name, found.get(o.office_id, none)) for o in exams.openings(exam, "region")]
        return render(request, "seating/nation.html", {"states": states})
    region = by.region_code
    plans = queries.plans(exam, viewer=by, region_code=region)
    facts: dict[str, object] = {"plans": plans, "region": region}
    if by.may("seating:plan:make"):
        facts["state"] = queries.region_state(exam, region, viewer=by)
        facts["obstacles"] = queries.obstacles_now(exam, region, viewer=by)
    return render(request, "seating/home.html", facts)


@require_POST
@office_page("seating:plan:make")
def make(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    done = services.make_plans(
        exam=exam,
        region_code=by.region_code,
        expected_version=seen_version(request),
        by=by,
        at=now(exam),
    )
    words = t(
        "已编排 {seats:,} 名考生、{rooms:,} 个考场，第 {v} 版，已冻结。"
        "同单位或同校相邻 {pairs:,} 对，其中 {least:,} 对无法避免。",
        "{seats:,} candidates are seated in {rooms:,} rooms: version {v}, frozen. {pairs:,} pairs of neighbours are of one "
        "employer or school, {least:,} of them unavoidable.",
    )
    figures = {"seats": done.seats, "rooms": done.rooms, "pairs": done.pairs, "least": done.least}
    messages.success(request, str(words.format(v=done.version, **figures)))
    return redirect("seating-home", exam=exam.slug)


@require_GET
@office_page("seating:plan:read")
def plan(request: Request, site: str) -> HttpResponse:
    """A site's plan: its rooms, its seed and hash, its versions."""
    exam, by = request.exam, actor(request)
    row = queries.plan(exam, site, viewer=by)
    names = {c.code: c.name for c in exams.programme(exam).categories}
    rooms = [(load, names.get(load.category, load.category)) for load in queries.room_loads(row)]
    pairs = row.facts.get("rooms", {})
    names = queries.need_names(exam)
    facts = {
        "plan": row,
        "rooms": [(load, category, pairs.get(str(load.number))) for load, category in rooms],
        "versions": queries.versions(exam, site, viewer=by),
        "needs": [(names[k], n) for k, n in row.facts.get("needs", {}).items() if k in names],
        "among": row.facts.get("needs", {}).get("among_others", 0),
        "planned": row.pairs is not None,
        "more": (row.pairs or 0) > (row.pairs_least or 0),
    }
    if "recompute" in request.GET:
        facts["again"] = queries.recompute(exam, row)
    return render(request, "seating/plan.html", facts)


@require_GET
@office_page("seating:plan:read")
def room(request: Request, site: str, room_id: int) -> HttpResponse:
    """A room as a picture, seen facing the candidates, with the S from seat to seat."""
    exam, by = request.exam, actor(request)
    row = queries.plan(exam, site, viewer=by)
    picture = queries.room_picture(row, room_id)
    desks, line, width, height = rules.drawing(picture.lines)
    names = {c.code: c.name for c in exams.programme(exam).categories}
    facts = {
        "plan": row,
        "picture": picture,
        "line": line,
        "width": width,
        "height": height,
        "middle": width // 2,
    }
    loads = queries.room_loads(row)
    here = next(i for i, load in enumerate(loads) if load.room_id == room_id)
    facts["before"] = loads[here - 1] if here else None
    facts["after"] = loads[here + 1] if here + 1 < len(loads) else None
    facts["category"] = names.get(picture.room.category, picture.room.category)
    kinds = {kind.code: kind.name for kind in exams.programme(exam).needs}
    granted = registration.granted_needs(exam, by.office_path)
    facts["needs"] = [
        (p.serial, [kinds[code] for code in granted[p.registration_id] if code in kinds])
        for p in picture.places
        if p.registration_id in granted
    ]
    facts["pairs"] = row.facts.get("rooms", {}).get(str(picture.room.number))
    facts["place"] = venues.room(exam, room_id, viewer=by)
    free = queries.free_desks(row, room_id, picture.room.columns, len(picture.lines))
    number = {(d.column, d.row): d.serial for d in free}
    # Each desk: its number (None: nobody can be given it), and who sits there.
    facts["seats"] = [
        (d, d.place.serial, registration.number_of(exam, d.place.registration_id))
        if d.place
        else (d, number.get((d.column, d.row)), "")
        for d in desks
    ]
    return render(request, "seating/room.html", facts)


@require_GET
@office_page("seating:plan:read")
def export(request: Request, site: str) -> HttpResponse:
    """The site's seats as a spreadsheet; candidates by registration number, without names."""
    exam, by = request.exam, actor(request)
    row = queries.plan(exam, site, viewer=by)
    names = {c.code: str(c.name) for c in exams.programme(exam).categories}
    rows = (
        (
            site, p.room_number, p.serial, p.column, p.row, names.get(p.category, p.category),
            registration.number_of(exam, p.registration_id),
        )
        for p in queries.seats(row)
    )  # fmt: skip
    return answer(write_table(COLUMNS, rows), XLSX, f"{site}-v{row.version}.xlsx")


@require_GET
@office_page("seating:plan:read")
def figures(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    plans = list(queries.plans(exam, viewer=by))
    facts = {"plans": len(plans), "seats": sum(p.count for p in plans)}
    return render(request, "seating/figures.html", facts)
