"""Journeys over the API: the list, one with its people and its book, and what its page does with it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from django.http import JsonResponse
from ninja import Field, Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.kernel.exams.queries import programme
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.custody.api.stores import Id
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.rules.journeys import Leg
from keju.stages.custody.services import underway

READ, PLAN = "custody:chain:read", "custody:journey:plan"
PAGE = 100
REFUSED = t("按规则不能这样做", "The rules do not allow this")
router = Router(tags=["custody"])
Words = Annotated[str, Field(max_length=500)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
State = Literal["", "draft", "proposed", "settled", "under_way", "arrived", "cancelled"]


class JourneyOut(Schema):
    """`trouble_since`: since when trouble is open; `last_heard_at`: of the last word from the road."""

    id: int
    version: int
    state: str
    leg: str
    mode: str
    office_path: str
    sender_code: str
    receiver_code: str
    to_place: str
    depart_at: datetime
    arrive_at: datetime
    departed_at: datetime | None
    arrived_at: datetime | None
    last_heard_at: datetime | None
    trouble_since: datetime | None


class CrewOut(Schema):
    person: int
    duty: str
    vehicle: int


class BookOut(Schema):
    """An entry of the journey's book; `told`: the authority that was told of trouble."""

    id: int
    kind: str
    words: str
    told: str
    lat: Decimal | None
    lng: Decimal | None
    happened_at: datetime


class WholeJourneyOut(JourneyOut):
    """`cargo`: codes of the containers aboard; `untold`: authorities not told of the trouble that is open."""

    route: str
    carrier: str
    crew: list[CrewOut]
    book: list[BookOut]
    cargo: list[str]
    untold: list[str]


class DepartIn(Schema):
    """`key`: made on the device; `attested`: what those on the spot vouch for."""

    key: UUID
    attested: Annotated[list[Annotated[str, Field(max_length=30)]], Field(max_length=20)] = []


class KeyIn(Schema):
    key: UUID


class JourneyEntryIn(Schema):
    """`told`: the authority that was told of trouble, where `kind` is "told"; `route`: the one that is asked for."""

    key: UUID
    kind: Literal["report", "stop", "trouble", "solved", "route_asked", "told"] = "report"
    words: Words = ""
    told: Literal["", "veterinary", "police", "secrecy"] = ""
    route: Words = ""
    happened_at: datetime | None = None
    lat: Annotated[Decimal, Field(ge=-90, le=90)] | None = None
    lng: Annotated[Decimal, Field(ge=-180, le=180)] | None = None


class RouteIn(Schema):
    """`code`: of the person in charge of the journey, by whose consent the route changes."""

    key: UUID
    route: Words
    reason: Annotated[str, Field(max_length=300)]
    code: Annotated[str, Field(max_length=20)]


class RouteOut(Schema):
    """`changed`: whether the code proved the person in charge."""

    changed: bool


@router.get("/{exam}/journeys", response=list[JourneyOut], operation_id="custody_journeys")
@office_api(READ)
def listing(
    request: Request, exam: str, state: State = "", leg: Leg | Literal[""] = "", after: int = 0
) -> object:
    """Those of the viewer's offices, the newest first, older than `after`, 100 at a time (V10.2)."""
    found = queries.listed(request.exam, viewer=actor(request), state=state, leg=leg, after=after)
    return list(found[:PAGE])


@router.get("/{exam}/journeys/{journey_id}", response=WholeJourneyOut, operation_id="custody_journey")
@office_api(READ)
def journey(request: Request, exam: str, journey_id: Id) -> object:
    """One journey: its plan, its people, its book and what is aboard."""
    row = queries.one(request.exam, journey_id, viewer=actor(request))
    book = queries.entries_of(row)
    shown = JourneyOut.from_orm(row).dict()
    return shown | {
        "route": row.route,
        "carrier": row.carrier,
        "crew": [{"person": c.person_id, "duty": c.duty, "vehicle": c.vehicle} for c in queries.crew_of(row)],
        "book": [BookOut.from_orm(e).dict() for e in book],
        "cargo": [h.container.code for h in queries.cargo(row)],
        "untold": queries.untold(book) if row.trouble_since else [],
    }


@router.post(
    "/{exam}/journeys/{journey_id}/depart", response=JourneyOut, operation_id="custody_journey_depart"
)
@office_api(PLAN)
def depart(request: Request, exam: str, journey_id: Id, body: DepartIn) -> object:
    """It is under way, once by its key; that somebody wanted to leave who may not is on record too (V11.3.1)."""
    by, at = actor(request), now(request.exam)
    leaving = underway.Departure(journey_id, body.key, body.attested)
    try:
        (row,) = underway.depart(exam=request.exam, departures=[leaving], by=by, at=at)
    except RuleRefused as refused:
        underway.departure_refused(exam=request.exam, journey_id=journey_id, refused=refused, by=by, at=at)
        return _problem(request, refused)
    return row


def _problem(request: Request, refused: RuleRefused) -> JsonResponse:
    """The refusal as everywhere; answered, not raised, or what was recorded of it would be undone."""
    law = programme(request.exam)
    reasons = [{"rule": r.rule, "text": str(r.words(law)), "field": r.field or ""} for r in refused.refusals]
    body = {"type": "about:blank", "title": str(REFUSED), "status": 409, "reasons": reasons}
    return JsonResponse(body, status=409, content_type="application/problem+json")


@router.post(
    "/{exam}/journeys/{journey_id}/arrive", response=JourneyOut, operation_id="custody_journey_arrive"
)
@office_api(PLAN)
def arrive(request: Request, exam: str, journey_id: Id, body: KeyIn) -> object:
    """It has arrived, once by its key; the papers are to be handed over at once."""
    (row,) = underway.arrive(
        exam=request.exam, arrivals={journey_id: body.key}, by=actor(request), at=now(request.exam)
    )
    return row


@router.post(
    "/{exam}/journeys/{journey_id}/entries", response={201: BookOut}, operation_id="custody_journey_enter"
)
@office_api(PLAN)
def enter(request: Request, exam: str, journey_id: Id, body: JourneyEntryIn) -> object:
    """The entry stands in the journey's book, once by its key (V10.2.4)."""
    entry = underway.Entry(journey_id, **body.dict())
    (row,) = underway.enter(exam=request.exam, entries=[entry], by=actor(request), at=now(request.exam))
    return row


@router.post("/{exam}/journeys/{journey_id}/route", response=RouteOut, operation_id="custody_journey_route")
@office_api(PLAN)
def route(request: Request, exam: str, journey_id: Id, body: RouteIn) -> object:
    """Another route, by the consent and code of the person in charge (V10.2.4); a wrong code is remembered."""
    by = actor(request)
    queries.one(request.exam, journey_id, viewer=by)
    made = underway.change_route(
        exam=request.exam, journey_id=journey_id, **body.dict(), by=by, at=now(request.exam)
    )
    return {"changed": made is not None}
