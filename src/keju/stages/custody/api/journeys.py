"""Journeys over the API: the list, one with its people and its book, and what its page does with it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Field, Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.kernel.exams.queries import programme
from keju.kernel.files.responses import answer
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.custody.api.stores import Id
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.rules.journeys import Crew, Duty, Leg, Mode, Plan, Vehicle
from keju.stages.custody.services import journey_approval, underway
from keju.stages.custody.services import journeys as planning
from keju.stages.custody.services import moving_prints as prints

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


class VehicleIn(Schema):
    plate: Annotated[str, Field(max_length=20)]
    kind: Literal["papers", "escort"] = "papers"
    sealed: bool = True
    serviced: bool = True
    exempt: bool = True


class CrewIn(Schema):
    """`vehicle`: the place of theirs in the list of vehicles, from 1; 0 where there is none."""

    person: Id
    duty: Duty
    vehicle: Annotated[int, Field(ge=0, le=20)] = 0


class PlanIn(Schema):
    """What is planned of a leg: `to_place` is where the papers go, straight ("store:15")."""

    mode: Mode
    depart_at: datetime
    arrive_at: datetime
    to_place: Annotated[str, Field(max_length=60)]
    responsible: Id | None = None
    receiving: Id | None = None
    carrier: Annotated[str, Field(max_length=120)] = ""
    terms: Words = ""
    route: Words = ""
    conditions: Words = ""
    road: Words = ""
    police: Annotated[str, Field(max_length=200)] = ""
    secrecy: Annotated[str, Field(max_length=200)] = ""
    exception: Annotated[str, Field(max_length=300)] = ""
    vehicles: Annotated[list[VehicleIn], Field(max_length=20)] = []
    crew: Annotated[list[CrewIn], Field(max_length=50)] = []


class JourneyIn(PlanIn):
    """The plan of a leg between two offices."""

    sender: Annotated[str, Field(max_length=20)]
    receiver: Annotated[str, Field(max_length=20)]


class PlanChangeIn(PlanIn):
    version: Version


class JourneyReasonIn(Schema):
    reason: Annotated[str, Field(max_length=300)] = ""


class CancelIn(JourneyReasonIn):
    version: Version


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


@router.post("/{exam}/journeys", response={201: JourneyOut}, operation_id="custody_journey_plan")
@office_api(PLAN)
def plan(request: Request, exam: str, body: JourneyIn) -> object:
    """The plan stands as a draft (V10.2.3)."""
    new = planning.NewJourney(body.sender, body.receiver, _plan(body))
    (row,) = planning.plan_journeys(
        exam=request.exam, journeys=[new], by=actor(request), at=now(request.exam)
    )
    return row


def _plan(body: PlanIn) -> Plan:
    apart = {"sender", "receiver", "version", "responsible", "receiving", "vehicles", "crew"}
    return Plan(
        leg=Leg.TO_REGION,  # whatever it says, the two offices decide which leg it is
        responsible_id=body.responsible,
        receiver_id=body.receiving,
        vehicles=[Vehicle(**v.dict()) for v in body.vehicles],
        crew=[Crew(c.person, c.duty, c.vehicle) for c in body.crew],
        **body.dict(exclude=apart),
    )


@router.post(
    "/{exam}/journeys/{journey_id}/change", response=JourneyOut, operation_id="custody_journey_change"
)
@office_api(PLAN)
def change(request: Request, exam: str, journey_id: Id, body: PlanChangeIn) -> object:
    """The plan is another one and a draft again; a conflict once papers are aboard (V10.2.3)."""
    return planning.change_plan(
        exam=request.exam, journey_id=journey_id, version=body.version, plan=_plan(body), by=actor(request),
        at=now(request.exam),
    )  # fmt: skip


@router.post("/{exam}/journeys/{journey_id}/plan.pdf", operation_id="custody_journey_print_plan")
@office_api(PLAN)
def print_plan(request: Request, exam: str, journey_id: Id) -> HttpResponse:
    """The plan as PDF; a copy more in the print ledger, hence a POST."""
    made = prints.print_plan(
        exam=request.exam, journey_id=journey_id, by=actor(request), at=now(request.exam)
    )
    return answer(made.pdf, "application/pdf", "journey-plan.pdf")


@router.post("/{exam}/journeys/{journey_id}/cards.pdf", operation_id="custody_journey_print_cards")
@office_api(PLAN)
def print_cards(request: Request, exam: str, journey_id: Id) -> HttpResponse:
    """Cards with fresh addresses for everybody who goes along; those of before open nothing any more (V10.2.4)."""
    there = request.build_absolute_uri(reverse("custody-onway", kwargs={"exam": exam, "token": "-"}))
    made = prints.print_cards(
        exam=request.exam, journey_id=journey_id, base=there.removesuffix("-/"), by=actor(request), at=now(request.exam)
    )  # fmt: skip
    return answer(made.pdf, "application/pdf", "escort-cards.pdf")


@router.post(
    "/{exam}/journeys/{journey_id}/submit", response=JourneyOut, operation_id="custody_journey_submit"
)
@office_api(PLAN)
def submit(request: Request, exam: str, journey_id: Id, body: JourneyReasonIn) -> object:
    """It is settled, or waits for the approval that it needs."""
    (row,) = journey_approval.submit(
        exam=request.exam, journey_ids=[journey_id], reason=body.reason, by=actor(request), at=now(request.exam)
    )  # fmt: skip
    return row


@router.post(
    "/{exam}/journeys/{journey_id}/cancel", response=JourneyOut, operation_id="custody_journey_cancel"
)
@office_api(PLAN)
def cancel(request: Request, exam: str, journey_id: Id, body: CancelIn) -> object:
    """It does not take place; a conflict once it has left."""
    return planning.cancel(
        exam=request.exam, journey_id=journey_id, version=body.version, reason=body.reason, by=actor(request),
        at=now(request.exam),
    )  # fmt: skip


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
