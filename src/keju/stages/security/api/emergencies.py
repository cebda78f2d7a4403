"""Emergency plans and drills over the API."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.security.queries import board
from keju.stages.security.queries import emergencies as queries
from keju.stages.security.services import drilling, emergencies
from keju.stages.security.services.emergencies import NewPlan

router = Router(tags=["security"])
Id = Annotated[int, Field(ge=0, le=2**62)]
Code = Annotated[str, Field(max_length=7)]


class PreparednessOut(Schema):
    code: str
    needed: int
    in_force: int
    drills: int


class ContactIn(Schema):
    name: Annotated[str, Field(max_length=80)] = ""
    phone: Annotated[str, Field(max_length=40)]


class EmergencyPlanIn(Schema):
    kind: Annotated[str, Field(max_length=40)]
    measures: Annotated[str, Field(max_length=4000)]
    contacts: dict[Annotated[str, Field(max_length=40)], ContactIn] = {}


class DrillIn(Schema):
    offices: Annotated[list[Code], Field(max_length=500)]
    kinds: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)]
    scenario: Annotated[str, Field(max_length=2000)]
    planned_at: datetime


class DrillMoveIn(Schema):
    move: Literal["start", "pause", "resume", "end"]
    version: Id


class DrillOut(Schema):
    id: int
    office_code: str
    kinds: list[str]
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    version: int


class EmergencyCount(Schema):
    count: int


@router.get("/{exam}/emergencies", response=list[PreparednessOut], operation_id="security_emergencies")
@office_api("security:record:read")
def preparedness(request: Request, exam: str) -> object:
    """How the regions and hosts of the viewer stand: plans in force of those needed, drills that count."""
    path = actor(request).office_path
    places = board.places(request.exam, path)
    return queries.preparedness(request.exam, path, [*places.regions, *places.hosts])


@router.post(
    "/{exam}/emergencies/{office}", response={201: EmergencyCount}, operation_id="security_emergency_draft"
)
@office_api("security:emergency:make")
def draft(request: Request, exam: str, office: str, body: list[EmergencyPlanIn]) -> object:
    """Write the next versions of the office's plans."""
    plans = [
        NewPlan(office, one.kind, one.measures, {k: c.dict() for k, c in one.contacts.items()})
        for one in body
    ]
    by, at = actor(request), now(request.exam)
    return {"count": len(emergencies.draft_plans(exam=request.exam, plans=plans, by=by, at=at))}


@router.get("/{exam}/drills", response=list[DrillOut], operation_id="security_drills")
@office_api("security:record:read")
def drills(request: Request, exam: str, after: Id = 0) -> object:
    """The drills of the viewer's offices, newest first, 500 at a time."""
    return list(queries.drills(request.exam, viewer=actor(request), after=after)[:500])


@router.post("/{exam}/drills", response={201: EmergencyCount}, operation_id="security_drills_plan")
@office_api("security:emergency:make")
def plan(request: Request, exam: str, body: DrillIn) -> object:
    """Plan a drill at each of the offices."""
    by, at = actor(request), now(request.exam)
    return {"count": len(drilling.plan_drills(exam=request.exam, **body.dict(), by=by, at=at))}


@router.post("/{exam}/drills/{number}/clock", response=DrillOut, operation_id="security_drill_move")
@office_api("security:emergency:make")
def move(request: Request, exam: str, number: Id, body: DrillMoveIn) -> object:
    """Start, pause, go on with or end the drill."""
    by, at = actor(request), now(request.exam)
    return drilling.move(exam=request.exam, drill_id=number, **body.dict(), by=by, at=at)
