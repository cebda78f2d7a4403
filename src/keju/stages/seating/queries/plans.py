"""Reading plans and seats. Row-level security shows each viewer their offices' rows."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Max, QuerySet

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.stages.review import queries as review
from keju.stages.seating import rules
from keju.stages.seating.models import Plan, Seat
from keju.stages.seating.rules import Place
from keju.stages.venues import queries as venues


@dataclass(frozen=True, slots=True)
class Seated:
    """A seat of a current plan, in the order in which tickets are numbered."""

    plan_id: int
    point_code: str
    site_code: str
    office_path: str
    room_id: int
    room_number: int
    serial: int
    column: int
    row: int
    category: str
    registration_id: int


class PlanSite(NamedTuple):
    """Where the seats of a plan are."""

    point_code: str
    site_code: str
    office_path: str


@dataclass(frozen=True)
class SeatedColumns:
    """Everybody seated in a region's current plans, one entry each, in the order in which tickets are numbered."""

    plans: dict[int, PlanSite]
    registration: list[int]
    plan: list[int]
    room: list[int]
    room_number: list[int]
    serial: list[int]
    column: list[int]
    row: list[int]
    category: list[int]


# Sorted by the plan's site before it is put together: an aggregate's own ORDER BY would sort once for every column.
SEATED = """
SELECT array_agg(registration_id), array_agg(plan_id), array_agg(room_id), array_agg(number), array_agg(serial),
  array_agg("column"), array_agg("row"), array_agg(category)
FROM (
  SELECT s.registration_id, s.plan_id, s.room_id, r.number, s.serial, s."column", s."row",
    array_position(%(categories)s::text[], s.category::text) - 1 AS category
  FROM seating_plan p JOIN seating_seat s ON s.plan_id = p.id JOIN venues_room r ON r.id = s.room_id AND r.site_id = p.site_id
  WHERE p.exam_id = %(exam)s AND p.superseded_at IS NULL AND p.office_path >= %(path)s AND p.office_path < %(path)s || '~'
  ORDER BY p.office_path, r.number, s.serial
) x
"""


@dataclass(frozen=True)
class RoomLoad:
    """A room of a plan: how many sit in it, of which category."""

    room_id: int
    number: int
    building: str
    floor: int
    name: str
    columns: int
    rows: int
    category: str
    count: int


@dataclass(frozen=True)
class Picture:
    """A room seen by who faces the candidates: `lines` from the front, `points` the S as x,y of seat after seat."""

    room: RoomLoad
    lines: list[list[Place | None]]
    places: list[Place]


@dataclass(frozen=True)
class RegionState:
    """How far a region is with its plans."""

    region_code: str
    eligible: int
    seated: int
    version: int
    hash: str


def plans(exam: Exam, *, viewer: Actor, region_code: str = "", point_code: str = "") -> QuerySet[Plan]:
    """Current plans in site order, within the viewer's scope."""
    found = Plan.objects.filter(exam=exam, superseded_at=None, **_under(viewer)).select_related("site")
    if region_code or point_code:
        found = found.filter(site__point_code__startswith=point_code or region_code)
    return found.order_by("site__code")


def plan(exam: Exam, site_code: str, *, viewer: Actor) -> Plan:
    """The site's current plan; `Plan.DoesNotExist` if it has none or is out of scope."""
    return plans(exam, viewer=viewer).get(site__code=site_code)


def versions(exam: Exam, site_code: str, *, viewer: Actor) -> QuerySet[Plan]:
    """Every version of the site's plan, newest first."""
    return Plan.objects.filter(exam=exam, site__code=site_code, **_under(viewer)).order_by("-version")


def room_loads(plan: Plan) -> list[RoomLoad]:
    """The plan's rooms that have somebody, in order, one entry per category in it."""
    fields = ("room_id", "room__number", "room__building", "room__floor", "room__name", "room__columns")
    found = Seat.objects.filter(plan=plan).values_list(*fields, "room__rows", "category")
    return [RoomLoad(*row) for row in found.annotate(n=Count("pk")).order_by("room__number", "category")]


def seats(plan: Plan, rooms: int | Sequence[int] | None = None) -> list[Place]:
    """The plan's seats by room and number: of one room, of some, or all."""
    found = Seat.objects.filter(plan=plan)
    if rooms is not None:
        found = found.filter(room_id__in=[rooms] if isinstance(rooms, int) else list(rooms))
    fields = ("registration_id", "room_id", "room__number", "serial", "column", "row", "category")
    return [Place(*row) for row in found.order_by("room__number", "serial").values_list(*fields)]


def room_picture(plan: Plan, room_id: int) -> Picture:
    """The room as planned; `Plan.DoesNotExist` if nobody of the plan sits in it."""
    load = next((r for r in room_loads(plan) if r.room_id == room_id), None)
    if load is None:
        raise Plan.DoesNotExist
    return picture(load, seats(plan, room_id))


def picture(load: RoomLoad, places: list[Place]) -> Picture:
    """The room with these people in it."""
    rows = max(load.rows, *(p.row for p in places))
    return Picture(load, rules.rows_of_desks(places, load.columns, rows), places)


def seated(exam: Exam, region_code: str) -> Iterator[Seated]:
    """Everybody seated in the region's current plans: by site, room and seat."""
    path = path_of(region_code)
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT p.id, v.point_code, v.code, p.office_path, s.room_id, r.number, s.serial, s."column", s."row",'
            " s.category, s.registration_id FROM seating_plan p JOIN venues_site v ON v.id = p.site_id"
            " JOIN seating_seat s ON s.plan_id = p.id JOIN venues_room r ON r.id = s.room_id"
            " WHERE p.exam_id = %s AND p.superseded_at IS NULL AND p.office_path >= %s AND p.office_path < %s"
            " ORDER BY v.code, r.number, s.serial",
            [exam.pk, path, path + "~"],
        )
        while rows := cursor.fetchmany(5000):
            for row in rows:
                yield Seated(*row)


def seated_columns(exam: Exam, region_code: str, categories: Sequence[str]) -> SeatedColumns:
    """As `seated`, in columns; `category` is the place in `categories`."""
    path = path_of(region_code)
    with connection.cursor() as cursor:
        cursor.execute(SEATED, {"exam": exam.pk, "path": path, "categories": list(categories)})
        columns = cursor.fetchone()
    found = Plan.objects.filter(
        exam=exam, superseded_at=None, office_path__gte=path, office_path__lt=path + "~"
    )
    sites = found.values_list("pk", "site__point_code", "site__code", "office_path")
    plans = {pk: PlanSite(*rest) for pk, *rest in sites}
    return SeatedColumns(plans, *(column or [] for column in columns))


def plans_digest(exam: Exam, region_code: str) -> str:
    """One hash over the region's current plans: the same as long as nobody planned anew."""
    path = path_of(region_code)
    found = Plan.objects.filter(
        exam=exam, superseded_at=None, office_path__gte=path, office_path__lt=path + "~"
    )
    lines = [f"{pk} {h}" for pk, h in found.order_by("pk").values_list("pk", "hash")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def next_version(exam: Exam, region_code: str) -> int:
    """The version that a plan of the region made now would have."""
    path = path_of(region_code)
    found = Plan.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return int(found.aggregate(top=Max("version"))["top"] or 0) + 1


def region_state(exam: Exam, region_code: str, *, viewer: Actor) -> RegionState:
    """Eligible and seated candidates of the region and the version of its plans (0: none)."""
    mine = list(plans(exam, viewer=viewer, region_code=region_code))
    return RegionState(
        region_code,
        sum(_eligible_points(exam, region_code, viewer).values()),
        sum(p.count for p in mine),
        max((p.version for p in mine), default=0),
        plans_digest(exam, region_code) if mine else "",
    )


def nation_states(exam: Exam, *, viewer: Actor) -> dict[str, RegionState]:
    """Every region with eligible candidates or plans, from two sums: for the page of the nation."""
    found: dict[str, list[int]] = {}
    for (point, _), n in review.eligible_counts(viewer=viewer, exam=exam).items():
        found.setdefault(point[:2], [0, 0, 0])[0] += n
    current = Plan.objects.filter(exam=exam, superseded_at=None, **_under(viewer))
    for path, count, version in current.values_list("office_path", "count", "version"):
        mine = found.setdefault(path[1:3], [0, 0, 0])
        mine[1], mine[2] = mine[1] + count, max(mine[2], version)
    return {code: RegionState(code, *sums, "") for code, sums in found.items()}


def obstacles(
    exam: Exam, region_code: str, points: Mapping[str, int], assignment: Mapping[str, str]
) -> Iterator[Refusal]:
    """What stands against planning the region's seats now; silence lets it be done. `points`: eligible per point."""
    eligible = sum(points.values())
    confirmed = 0 if eligible else sum(venues.counts(exam, region_code).values())
    yield from rules.check_not_opened(venues.tickets_opened(exam, region_code) is not None)
    yield from rules.check_reviewed(eligible, confirmed)
    yield from rules.check_assigned(points, assignment)
    yield from rules.check_reported(venues.unreported_hosts(exam, region_code))


def obstacles_now(exam: Exam, region_code: str, *, viewer: Actor) -> list[Refusal]:
    """As `obstacles`, for a page that explains a greyed-out button."""
    points = _eligible_points(exam, region_code, viewer)
    return list(obstacles(exam, region_code, points, venues.assignment(exam, region_code)))


def _eligible_points(exam: Exam, region_code: str, viewer: Actor) -> Counter[str]:
    found: Counter[str] = Counter()
    for (point, _), n in review.eligible_counts(viewer=viewer, exam=exam).items():
        if point.startswith(region_code):
            found[point] += n
    return found


def mixes(exam: Exam) -> bool:
    """Whether categories may share a room in this programme."""
    return venues.may_mix(exam)


def _under(viewer: Actor) -> dict[str, str]:
    return {"office_path__gte": viewer.office_path, "office_path__lt": viewer.office_path + "~"}
