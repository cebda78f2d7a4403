"""The registry, the posts and the appointments over the API: the doors and services of the pages."""

from datetime import date
from typing import Annotated

from ninja import Field, Query, Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.staffing import queries, services
from keju.stages.staffing.queries import MemberFilters
from keju.stages.staffing.services import NewAppointment, NewMember

router = Router(tags=["staffing"])
Text = Annotated[str, Field(max_length=120)]
Id = Annotated[int, Field(ge=1, lt=2**63)]
Size = Annotated[int, Query(ge=1, le=200)]
After = Annotated[int, Query(ge=0, lt=2**63)]


class StaffIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    identity: Annotated[str, Field(max_length=24)]
    sex: Annotated[str, Field(pattern="^[MF]?$")] = ""
    employer: Text = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    in_sector: bool
    sector_sure: bool = False
    permanent: bool = False
    languages: Text = ""
    certificates: Annotated[str, Field(max_length=200)] = ""


class HeldOut(Schema):
    id: int
    post: str
    office_code: str
    state: str
    substitute: bool


class StaffOut(Schema):
    """Identity number and telephone are masked."""

    id: int
    name: str
    identity_masked: str
    sex: str
    employer: str
    phone_masked: str
    in_sector: bool
    permanent: bool
    left_on: date | None
    version: int
    held: list[HeldOut]


class PostGapOut(Schema):
    post: str
    rule: str
    office_code: str
    building: str
    floor: int | None
    units: int
    least: int
    most: int | None
    accepted: int
    asked: int
    barred: int
    missing: int
    over: int


class AppointmentIn(Schema):
    member_id: Id
    post: Annotated[str, Field(max_length=40)]
    office_code: Annotated[str, Field(max_length=20)]
    building: Annotated[str, Field(max_length=40)] = ""
    floor: Annotated[int, Field(ge=-5, le=99)] | None = None
    room: Annotated[int, Field(ge=1, le=9999)] | None = None
    substitute: bool = False


class AppointmentOut(Schema):
    id: int
    member_id: int
    name: str
    post: str
    office_code: str
    building: str
    floor: int | None
    room: int | None
    substitute: bool
    state: str
    version: int
    answered: str


class AppointmentEndIn(Schema):
    version: Annotated[int, Field(ge=1, lt=2**31)]
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class MadeOut(Schema):
    ids: list[int]


@router.get("/{exam}/members", response=list[StaffOut], operation_id="staffing_members")
@office_api("staffing:people:read")
def members(
    request: Request,
    exam: str,
    text: str = "",
    post: str = "",
    state: str = "",
    after: After = 0,
    size: Size = 50,
) -> object:
    """People of the viewer's offices and whoever serves there, in id order after `after`."""
    filters = MemberFilters(text, post, state)
    return queries.member_rows(
        viewer=actor(request), exam=request.exam, filters=filters, after=after, size=size
    )


@router.post("/{exam}/members", response={201: MadeOut}, operation_id="staffing_members_add")
@office_api("staffing:people:edit")
def add_members(request: Request, exam: str, body: list[StaffIn]) -> object:
    """All of them are registered, or none is."""
    by, at = actor(request), now(request.exam)
    return {"ids": services.add_members(members=[NewMember(**m.dict()) for m in body], by=by, at=at)}


@router.get("/{exam}/gaps", response=list[PostGapOut], operation_id="staffing_gaps")
@office_api("staffing:people:read")
def gaps(request: Request, exam: str, post: str = "", all: bool = False) -> object:
    """What posts need and lack, place by place; settled ones only with `all`."""
    by = actor(request)
    found = queries.gaps(request.exam, by.office_path, posts=[post] if post else [])
    return [
        PostGapOut(
            post=g.post.code, rule=g.post.rule, office_code=g.place.office_code, building=g.place.building,
            floor=g.place.floor, units=g.place.units, least=g.least, most=g.most, accepted=g.counted.accepted,
            asked=g.counted.asked, barred=g.counted.barred, missing=g.missing, over=g.over,
        )
        for g in found
        if all or not g.settled
    ]  # fmt: skip


@router.get("/{exam}/appointments", response=list[AppointmentOut], operation_id="staffing_appointments")
@office_api("staffing:people:read")
def appointments(
    request: Request, exam: str, post: str = "", state: str = "", after: After = 0, size: Size = 50
) -> object:
    """Living appointments of the viewer's offices, or those in `state`, in id order after `after`."""
    path = actor(request).office_path
    return queries.appointed(request.exam, path, post=post, state=state, after=after, size=size)


@router.post("/{exam}/appointments", response={201: MadeOut}, operation_id="staffing_appoint")
@office_api("staffing:appointment:make")
def appoint(request: Request, exam: str, body: list[AppointmentIn]) -> object:
    """All of them are proposed, or none is."""
    by, at = actor(request), now(request.exam)
    new = [NewAppointment(**a.dict()) for a in body]
    return {"ids": services.appoint(exam=request.exam, appointments=new, by=by, at=at) if new else []}


@router.post("/{exam}/appointments/{appointment}/end", response=MadeOut, operation_id="staffing_end")
@office_api("staffing:appointment:make")
def end(request: Request, exam: str, appointment: Id, body: AppointmentEndIn) -> object:
    """End one for the reason given."""
    by, at = actor(request), now(request.exam)
    services.end(exam=request.exam, appointment_id=appointment, **body.dict(), by=by, at=at)
    return {"ids": [appointment]}
