"""Plans of journeys over the API: made, changed, submitted, given up, on paper."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from django.urls import reverse
from ninja import Field, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.kernel.files.responses import answer
from keju.stages.custody.api.journeys import PLAN, JourneyOut, Version, Words, router
from keju.stages.custody.api.stores import Id
from keju.stages.custody.rules.journeys import Crew, Duty, Leg, Mode, Plan, Vehicle
from keju.stages.custody.services import journey_approval
from keju.stages.custody.services import journeys as planning
from keju.stages.custody.services import moving_prints as prints


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
