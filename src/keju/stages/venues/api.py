"""Hosts, sites and rooms over the API."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import actor, office_api, public_api
from keju.stages.venues import queries, services

router = Router(tags=["venues"])


class SiteOut(Schema):
    code: str
    point_code: str
    name_zh: str
    name_en: str
    address: str
    surroundings: str
    standard: int
    room_count: int
    reported_at: datetime | None


class RoomIn(Schema):
    number: int
    building: str
    floor: int
    columns: int = 0
    rows: int = 0
    gap_cm: int = 0
    kind: str = "exam"
    name: str = ""
    step_free: bool = False
    cameras: bool = False
    gaokao: bool = False
    door: str = "front-right"
    stair: str = ""


class DecisionIn(Schema):
    assignment: dict[str, str]
    reason: str = ""
    expected_version: int | None = None


class Count(Schema):
    count: int


@router.get("/{exam}/hosts", response=dict[str, str], operation_id="venues_hosts")
@public_api
def hosts(request: HttpRequest, exam: str, region: str = "") -> object:
    """Point → host as decided, of a region or of the nation."""
    return queries.assignment(request.exam, region)  # type: ignore[attr-defined]


@router.get("/{exam}/proposal", response=dict[str, str], operation_id="venues_proposal")
@office_api("venues:host:decide")
def proposal(request: HttpRequest, exam: str) -> object:
    """Point → host as the rule proposes it for the region's counts of now (V6.1)."""
    return services.propose_hosts(exam=request.exam, region_code=actor(request).region_code)  # type: ignore[attr-defined]


@router.post("/{exam}/hosts", response={201: Count}, operation_id="venues_decide")
@office_api("venues:host:decide")
def decide(request: HttpRequest, exam: str, body: DecisionIn) -> object:
    """Decide the region's hosts and notify them."""
    by, at = actor(request), now(request.exam)  # type: ignore[attr-defined]
    services.decide_hosts(exam=request.exam, region_code=by.region_code, **body.dict(), by=by, at=at)  # type: ignore[attr-defined]
    return {"count": len(set(body.assignment.values()))}


@router.get("/{exam}/sites", response=list[SiteOut], operation_id="venues_sites")
@office_api("venues:site:read")
def sites(request: HttpRequest, exam: str) -> object:
    """The sites of the viewer's offices."""
    return list(queries.sites(request.exam, viewer=actor(request)))  # type: ignore[attr-defined]


@router.post("/{exam}/sites/{site}/rooms", response={201: Count}, operation_id="venues_rooms_add")
@office_api("venues:site:edit")
def add_rooms(request: HttpRequest, exam: str, site: str, body: list[RoomIn]) -> object:
    """Add rooms to a site: all or none."""
    rooms = [services.NewRoom(**room.dict()) for room in body]
    by, at = actor(request), now(request.exam)  # type: ignore[attr-defined]
    count = services.add_rooms(exam=request.exam, site_code=site, rooms=rooms, by=by, at=at)  # type: ignore[attr-defined]
    return {"count": count}


@router.post("/{exam}/sites/{site}/report", response=Count, operation_id="venues_report")
@office_api("venues:site:edit")
def report(request: HttpRequest, exam: str, site: str) -> object:
    """Report the site to the region."""
    row = services.report_site(exam=request.exam, site_code=site, by=actor(request), at=now(request.exam))  # type: ignore[attr-defined]
    return {"count": len(queries.rooms(row))}
