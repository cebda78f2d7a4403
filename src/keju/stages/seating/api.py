"""Plans over the API."""

from datetime import datetime

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.seating import queries, services

router = Router(tags=["seating"])


class PlanOut(Schema):
    site_code: str
    version: int
    standard: int
    count: int
    seed: str
    hash: str
    frozen_at: datetime | None


class PlanSeatOut(Schema):
    registration_id: int
    room_number: int
    serial: int
    column: int
    row: int
    category: str


class PlanVersionOut(Schema):
    """`reason` is empty where the version was planned, not changed."""

    version: int
    hash: str
    frozen_at: datetime | None
    superseded_at: datetime | None
    reason: str
    moved: int
    came: int
    left: int


class SeatOut(Schema):
    room_number: int
    serial: int


class DifferenceOut(Schema):
    """`was` or `now` is missing for who came or left."""

    registration_id: int
    was: SeatOut | None
    now: SeatOut | None


class PlanResultOut(Schema):
    region_code: str
    version: int
    plans: int
    rooms: int
    seats: int
    hash: str


class MakeIn(Schema):
    expected_version: int | None = None


@router.get("/{exam}/plans", response=list[PlanOut], operation_id="seating_plans")
@office_api("seating:plan:read")
def plans(request: Request, exam: str) -> object:
    """Current plans of the viewer's offices."""
    fields = ("version", "standard", "count", "seed", "hash", "frozen_at")
    found = queries.plans(request.exam, viewer=actor(request))
    return [{"site_code": p.site.code, **{name: getattr(p, name) for name in fields}} for p in found]


@router.get("/{exam}/plans/{site}/seats", response=list[PlanSeatOut], operation_id="seating_seats")
@office_api("seating:plan:read")
def seats(request: Request, exam: str, site: str) -> object:
    """The seats of a site's current plan, by room and number."""
    return queries.seats(queries.plan(request.exam, site, viewer=actor(request)))


@router.post("/{exam}/plans", response={201: PlanResultOut}, operation_id="seating_make")
@office_api("seating:plan:make")
def make(request: Request, exam: str, body: MakeIn) -> object:
    """Plan and freeze the seats of the region."""
    by, at = actor(request), now(request.exam)
    expected = body.expected_version
    return services.make_plans(
        exam=request.exam,
        region_code=by.region_code,
        expected_version=expected,
        by=by,
        at=at,
    )


@router.get("/{exam}/plans/{site}/versions", response=list[PlanVersionOut], operation_id="seating_versions")
@office_api("seating:plan:read")
def versions(request: Request, exam: str, site: str) -> object:
    """Every version of a site's plan, newest first, with why it came."""
    found = list(queries.versions(request.exam, site, viewer=actor(request)))
    made = queries.changes(p.pk for p in found)
    return [
        {
            **{name: getattr(p, name) for name in ("version", "hash", "frozen_at", "superseded_at")},
            "reason": made[p.pk].reason if p.pk in made else "",
            **{name: getattr(made.get(p.pk), name, 0) for name in ("moved", "came", "left")},
        }
        for p in found
    ]


@router.get(
    "/{exam}/plans/{site}/versions/{then}/{now_}",
    response=list[DifferenceOut],
    operation_id="seating_difference",
)
@office_api("seating:plan:read")
def difference(request: Request, exam: str, site: str, then: int, now_: int) -> object:
    """Who sits elsewhere, came or left between two versions of a site's plan."""
    by = actor(request)
    plans = [queries.version(request.exam, site, n, viewer=by) for n in (then, now_)]
    diff = queries.compare(*plans).diff
    return [
        *({"registration_id": pk, "was": was, "now": to} for pk, (was, to) in diff.moved.items()),
        *({"registration_id": pk, "was": None, "now": to} for pk, to in diff.came.items()),
        *({"registration_id": pk, "was": was, "now": None} for pk, was in diff.left.items()),
    ]
