"""Inspections and findings over the API; photos are added on the page."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Router, Schema

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.security.queries import inspecting as queries
from keju.stages.security.queries.inspecting import Filters
from keju.stages.security.services import findings, inspecting
from keju.stages.security.services.findings import NewFinding

router = Router(tags=["security"])
Text = Annotated[str, Field(max_length=500)]
Id = Annotated[int, Field(ge=0, le=2**62)]
MOST = 500


class InspectionOut(Schema):
    id: int
    office_code: str
    checklist: str
    list_version: int
    planned_on: date
    state: str
    wrong: int
    version: int


class InspectionPlanIn(Schema):
    checklist: Annotated[str, Field(max_length=40)]
    offices: Annotated[list[Annotated[str, Field(max_length=7)]], Field(max_length=500)]
    planned_on: date
    team: Annotated[list[Id], Field(max_length=50)]
    note: Annotated[str, Field(max_length=300)] = ""


class FindingIn(Schema):
    words: Text
    severity: Literal["grave", "major", "minor"]
    owner_code: Annotated[str, Field(max_length=7)]
    owner_id: Id
    due_on: date


class InspectionAnswerIn(Schema):
    outcome: Literal["right", "wrong", "absent"]
    note: Text = ""
    finding: FindingIn | None = None


class StepIn(Schema):
    version: Id
    note: Text


class FindingOut(Schema):
    id: int
    office_code: str
    source: str
    rule: str
    severity: str
    words: str
    owner_code: str
    due_on: date
    state: str
    raised_at: datetime
    version: int


class InspectionCount(Schema):
    count: int


@router.get("/{exam}/inspections", response=list[InspectionOut], operation_id="security_inspections")
@office_api("security:record:read")
def inspections(request: Request, exam: str, state: str = "", after: Id = 0) -> object:
    """The inspections of the viewer's offices, newest first, 500 at a time."""
    found = queries.inspections(
        request.exam, viewer=actor(request), filters=Filters(state=state), after=after
    )
    return list(found[:MOST])


@router.post("/{exam}/inspections", response={201: InspectionCount}, operation_id="security_inspections_plan")
@office_api("security:inspection:make")
def plan(request: Request, exam: str, body: InspectionPlanIn) -> object:
    """Plan one inspection for each of the offices."""
    by, at = actor(request), now(request.exam)
    made = inspecting.plan_inspections(exam=request.exam, **body.dict(), by=by, at=at)
    return {"count": len(made)}


@router.post(
    "/{exam}/inspections/{number}/items/{item}",
    response={201: InspectionCount},
    operation_id="security_answer",
)
@office_api("security:inspection:make")
def answer(request: Request, exam: str, number: Id, item: str, body: InspectionAnswerIn) -> object:
    """Answer an item; what is wrong comes with its finding."""
    by, at = actor(request), now(request.exam)
    facts = body.finding and NewFinding(office_code="", **body.finding.dict())
    inspecting.answer(
        exam=request.exam,
        inspection_id=number,
        item=item,
        outcome=body.outcome,
        note=body.note,
        finding=facts,
        by=by,
        at=at,
    )
    return {"count": 1}


@router.get("/{exam}/findings", response=list[FindingOut], operation_id="security_findings")
@office_api("security:record:read")
def listing(request: Request, exam: str, state: str = "", late: bool = False, after: Id = 0) -> object:
    """The findings of the viewer's offices, newest first, 500 at a time."""
    filters = Filters(state=state, late=late, today=now(request.exam).astimezone(CHINA).date())
    return list(queries.findings(request.exam, viewer=actor(request), filters=filters, after=after)[:MOST])


@router.post("/{exam}/findings/{number}/mended", response=FindingOut, operation_id="security_finding_mend")
@office_api("security:finding:mend")
def mend(request: Request, exam: str, number: Id, body: StepIn) -> object:
    """Say that it is mended."""
    by, at = actor(request), now(request.exam)
    return findings.mend(exam=request.exam, finding_id=number, **body.dict(), by=by, at=at)


@router.post("/{exam}/findings/{number}/closed", response=FindingOut, operation_id="security_finding_close")
@office_api("security:inspection:make")
def close(request: Request, exam: str, number: Id, body: StepIn) -> object:
    """Looked at again by another person, it is mended."""
    by, at = actor(request), now(request.exam)
    return findings.close(exam=request.exam, finding_id=number, **body.dict(), by=by, at=at)
