"""Hosts, sites and rooms over the API."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Router, Schema

from keju.algorithms.siting import Wishes
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api, public_api
from keju.stages.venues import queries, rules, services

router = Router(tags=["venues"])
Code = Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class SiteOut(Schema):
    code: str
    point_code: str
    name_zh: str
    name_en: str
    address: str
    surroundings: str
    transport: str
    food: str
    lodging: str
    standard: int
    room_count: int
    reported_at: datetime | None


class RoomIn(Schema):
    """Within the bounds of the form and the spreadsheet."""

    number: Annotated[int, Field(ge=1, le=9999)]
    building: Annotated[str, Field(min_length=1, max_length=40)]
    floor: Annotated[int, Field(ge=-5, le=99)]
    columns: Annotated[int, Field(ge=0, le=40)] = 0
    rows: Annotated[int, Field(ge=0, le=40)] = 0
    gap_cm: Annotated[int, Field(ge=0, le=999)] = 0
    kind: Annotated[str, Field(max_length=8)] = "exam"
    name: Annotated[str, Field(max_length=40)] = ""
    step_free: bool = False
    cameras: bool = False
    gaokao: bool = False
    door: Annotated[str, Field(max_length=11)] = "front-right"
    stair: Annotated[str, Field(max_length=40)] = ""


class DecisionIn(Schema):
    assignment: dict[Code, Code]
    reason: Annotated[str, Field(max_length=500)] = ""
    expected_version: int | None = None
    proposal: int | None = None


class SettledIn(Schema):
    """What the region settles beforehand: points that must host, that must not, where a point goes, places known."""

    must: set[Code] = set()
    barred: set[Code] = set()
    sent: dict[Code, Code] = {}
    seats: dict[Code, Annotated[int, Field(ge=0, le=99_999)]] = {}


class ListIn(Schema):
    assignment: dict[Code, Code]
    note: Annotated[str, Field(max_length=200)] = ""


class HostProposalOut(Schema):
    """Costs in km of all candidates, as the crow flies; nothing costs less than `bound` (none for a list by hand)."""

    version: int
    by_hand: bool
    assignment: dict[str, str]
    counts: dict[str, int]
    km: int
    hosts: int
    small: int
    weighed: int
    bound: int | None
    optimal: bool
    note: str
    made_by: str
    made_at: datetime


class CostsOut(Schema):
    km: int
    average: float
    longest: int
    farthest: str
    hosts: list[str]
    small: list[str]
    weighed: int


class CheckIn(Schema):
    settled: bool
    rooms: Annotated[list[int], Field(max_length=2000)] = []
    note: Annotated[str, Field(max_length=500)] = ""


class OpenOut(Schema):
    code: str
    rule: str
    state: str
    rooms: int


class SiteStandingOut(Schema):
    site: str
    state: str
    open: list[OpenOut]


class Count(Schema):
    count: int


@router.get("/{exam}/hosts", response=dict[str, str], operation_id="venues_hosts")
@public_api
def hosts(request: Request, exam: str, region: str = "") -> object:
    """Point → host as decided, of a region or of the nation."""
    return queries.assignment(request.exam, region)


@router.get("/{exam}/proposals", response=list[HostProposalOut], operation_id="venues_proposals")
@office_api("venues:host:decide")
def proposals(request: Request, exam: str) -> object:
    """The region's versions, newest first (V6.1)."""
    return list(queries.proposals(request.exam, actor(request).region_code))


@router.post("/{exam}/proposals", response={201: HostProposalOut}, operation_id="venues_propose")
@office_api("venues:host:decide")
def propose(request: Request, exam: str, body: SettledIn) -> object:
    """One more version: the least travel and the fewest hosts for the candidates of now, with its proven bound."""
    by, at = actor(request), now(request.exam)
    wishes = Wishes(frozenset(body.must), frozenset(body.barred), body.sent)
    return services.propose_hosts(
        exam=request.exam,
        region_code=by.region_code,
        wishes=wishes,
        seats=body.seats,
        by=by,
        at=at,
    )


@router.post("/{exam}/lists", response={201: HostProposalOut}, operation_id="venues_keep")
@office_api("venues:host:decide")
def keep(request: Request, exam: str, body: ListIn) -> object:
    """A list made by hand is kept as a version; nobody is told."""
    by, at = actor(request), now(request.exam)
    return services.keep_hosts(exam=request.exam, region_code=by.region_code, **body.dict(), by=by, at=at)


@router.post("/{exam}/costs", response=CostsOut, operation_id="venues_costs")
@office_api("venues:host:decide")
def costs(request: Request, exam: str, body: ListIn) -> object:
    """What a list would cost for the candidates of now. Nothing is written."""
    question = queries.question(request.exam, actor(request).region_code)
    return rules.costs_of(question, body.assignment)


@router.post("/{exam}/hosts", response={201: Count}, operation_id="venues_decide")
@office_api("venues:host:decide")
def decide(request: Request, exam: str, body: DecisionIn) -> object:
    """Decide the region's hosts and notify them."""
    by, at = actor(request), now(request.exam)
    services.decide_hosts(exam=request.exam, region_code=by.region_code, **body.dict(), by=by, at=at)
    return {"count": len(set(body.assignment.values()))}


@router.get("/{exam}/sites", response=list[SiteOut], operation_id="venues_sites")
@office_api("venues:site:read")
def sites(request: Request, exam: str) -> object:
    """The sites of the viewer's offices."""
    return list(queries.sites(request.exam, viewer=actor(request)))


@router.post("/{exam}/sites/{site}/rooms", response={201: Count}, operation_id="venues_rooms_add")
@office_api("venues:site:edit")
def add_rooms(request: Request, exam: str, site: str, body: list[RoomIn]) -> object:
    """Add rooms to a site: all or none."""
    rooms = [services.NewRoom(**room.dict()) for room in body]
    by, at = actor(request), now(request.exam)
    count = services.add_rooms(exam=request.exam, site_code=site, rooms=rooms, by=by, at=at)
    return {"count": count}


@router.post("/{exam}/sites/{site}/report", response=Count, operation_id="venues_report")
@office_api("venues:site:report")
def report(request: Request, exam: str, site: str) -> object:
    """Report the site to the region."""
    row = services.report_site(exam=request.exam, site_code=site, by=actor(request), at=now(request.exam))
    return {"count": len(queries.rooms(row))}


@router.get("/{exam}/board", response=list[SiteStandingOut], operation_id="venues_board")
@office_api("venues:site:read")
def board(request: Request, exam: str, region: str = "") -> object:
    """Every site of the viewer's offices: green (done), amber (soon), red (late) or grey (none), with what is open."""
    found = queries.board(request.exam, viewer=actor(request), at=now(request.exam), region_code=region)
    return [{"site": s.site.code, "state": s.state, "open": s.open} for s in found]


@router.post("/{exam}/sites/{site}/checklist/{item}", response={201: Count}, operation_id="venues_attest")
@office_api("venues:checklist:attest")
def attest(request: Request, exam: str, site: str, item: str, body: CheckIn) -> object:
    """Answer for an item of the site's checklist, or of its rooms; photos are added on the page."""
    by, at = actor(request), now(request.exam)
    facts: dict[str, Any] = {"exam": request.exam, "site_code": site, "item_code": item}
    return {"count": services.attest(**facts, **body.dict(), by=by, at=at)}
