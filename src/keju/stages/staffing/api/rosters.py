"""Rosters, who is on duty, and the filed directory over the API: the doors and services of the pages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Path, Schema
from pydantic import AwareDatetime

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.staffing.api.people import After, Id, Size, router
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.rosters import Made
from keju.stages.staffing.services import rosters as services
from keju.stages.staffing.services.rosters import Change, NewShift

Code = Annotated[str, Field(max_length=20)]
Version = Annotated[int, Field(ge=1, lt=2**31)]
RosterId = Annotated[int, Path(ge=1, lt=2**63)]
Seed = Annotated[int, Field(ge=1, le=999)]


class RosterGapOut(Schema):
    """Hours at which `short` people are missing; `place`: the floor, where each is covered by itself."""

    place: str
    starts_at: datetime
    ends_at: datetime
    short: int


class ShiftOut(Schema):
    """Telephones are not told: who is on duty is asked with `show`, which is recorded."""

    uid: UUID
    member_id: int
    name: str
    post: str
    place: str
    starts_at: datetime
    ends_at: datetime


class RosterOut(Schema):
    id: int
    kind: str
    rule: str
    office_code: str
    version: int
    published: int
    changed: bool
    shifts: list[ShiftOut]
    gaps: list[RosterGapOut]


class ShiftIn(Schema):
    member_id: Id
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place: Annotated[str, Field(max_length=80)] = ""
    phone: Annotated[str, Field(pattern=r"^([0-9+() -]{3,30})?$")] = ""
    uid: UUID | None = None


class ShiftChangeIn(Schema):
    """Shifts to put (changed by their uid), and to strike out; `afresh`: all others go too."""

    version: Version
    put: Annotated[list[ShiftIn], Field(max_length=2000)] = []
    strike: Annotated[list[UUID], Field(max_length=2000)] = []
    afresh: bool = False


class OpenIn(Schema):
    kind: Annotated[str, Field(max_length=40)]
    office_codes: Annotated[list[Code], Field(min_length=1, max_length=3000)]


class ProposeIn(Schema):
    roster_ids: Annotated[list[Id], Field(min_length=1, max_length=3000)]
    seed: Seed = 1
    afresh: bool = False


class PublishIn(Schema):
    roster_ids: Annotated[list[Id], Field(min_length=1, max_length=3000)]
    reason: Annotated[str, Field(max_length=300)] = ""


class FileIn(Schema):
    office_codes: Annotated[list[Code], Field(min_length=1, max_length=500)]


class FiledOut(Schema):
    office_code: str
    what: str
    number: int
    people: int
    content_hash: str
    filed_at: datetime


class OnDutyOut(Schema):
    """The telephone is masked."""

    office_code: str
    kind: str
    name: str
    post: str
    place: str
    starts_at: datetime
    ends_at: datetime
    phone: str


class RosterCount(Schema):
    count: int


def _out(made: Made) -> dict[str, object]:
    return {
        "id": made.roster.pk, "kind": made.kind.code, "rule": made.kind.rule, "office_code": made.roster.office_code,
        "version": made.roster.version, "published": made.roster.published, "changed": made.changed,
        "gaps": [
            {"place": g.place, "starts_at": g.starts_at, "ends_at": g.ends_at, "short": g.short} for g in made.gaps
        ],
        "shifts": [
            {
                "uid": x.row.uid, "member_id": x.row.member_id, "name": x.name, "post": x.post, "place": x.row.place,
                "starts_at": x.row.starts_at, "ends_at": x.row.ends_at,
            }
            for x in made.lines
        ],
    }  # fmt: skip


@router.get("/{exam}/rosters", response=list[RosterOut], operation_id="staffing_rosters")
@office_api("staffing:people:read")
def rosters(
    request: Request, exam: str, kind: str = "", office: str = "", after: After = 0, size: Size = 40
) -> object:
    """The rosters of the viewer's offices with their shifts and gaps, in id order after `after`."""
    found = request.exam
    rows = queries.rosters(found, viewer=actor(request), kind=kind, office=office, after=after, size=size)
    return [_out(made) for made in queries.made(found, rows)]


@router.post("/{exam}/rosters", response={201: list[RosterOut]}, operation_id="staffing_rosters_open")
@office_api("staffing:roster:make")
def open_rosters(request: Request, exam: str, body: OpenIn) -> object:
    """Each office has a roster of the kind; those that had one keep it."""
    found, by = request.exam, actor(request)
    rows = services.open_rosters(
        exam=found,
        kind=body.kind,
        office_codes=queries.known_offices(body.office_codes),
        by=by,
        at=now(found),
    )
    return [_out(made) for made in queries.made(found, rows)]


@router.post(
    "/{exam}/rosters/{roster_id}/shifts", response=RosterCount, operation_id="staffing_roster_change"
)
@office_api("staffing:roster:make")
def change(request: Request, exam: str, roster_id: RosterId, body: ShiftChangeIn) -> object:
    """The roster is changed as a whole, or not at all."""
    found, by = request.exam, actor(request)
    put = [
        NewShift(**{**s.dict(), "starts_at": _whole(s.starts_at), "ends_at": _whole(s.ends_at)})
        for s in body.put
    ]
    wanted = Change(roster_id, put, body.strike, body.afresh, body.version)
    return {"count": services.change_rosters(exam=found, changes=[wanted], by=by, at=now(found))}


def _whole(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


@router.post("/{exam}/rosters/propose", response=RosterCount, operation_id="staffing_rosters_propose")
@office_api("staffing:roster:make")
def propose(request: Request, exam: str, body: ProposeIn) -> object:
    """The rosters stand as the program proposes them with this seed."""
    found, by = request.exam, actor(request)
    facts = {"roster_ids": body.roster_ids, "seed": body.seed, "afresh": body.afresh}
    return {"count": services.take_proposals(exam=found, **facts, by=by, at=now(found))}


@router.post("/{exam}/rosters/publish", response=RosterCount, operation_id="staffing_rosters_publish")
@office_api("staffing:roster:make")
def publish(request: Request, exam: str, body: PublishIn) -> object:
    """The rosters are in force as they stand, and those concerned are told."""
    found, by = request.exam, actor(request)
    done = services.publish_rosters(
        exam=found, roster_ids=body.roster_ids, reason=body.reason, by=by, at=now(found)
    )
    return {"count": len(done)}


@router.get("/{exam}/on-duty", response=list[OnDutyOut], operation_id="staffing_on_duty")
@office_api("staffing:people:read")
def on_duty(
    request: Request, exam: str, moment: AwareDatetime | None = None, kind: str = "", office: str = ""
) -> object:
    """Who stands where at the moment (now, unless told), at the viewer's offices."""
    found = request.exam
    return queries.on_duty(found, moment or now(found), viewer=actor(request), kind=kind, office_code=office)


@router.post("/{exam}/directory", response={201: list[FiledOut]}, operation_id="staffing_directory_file")
@office_api("staffing:roster:make")
def file_directory(request: Request, exam: str, body: FileIn) -> object:
    """Each office has filed its responsible persons, duty staff and phones (V15.1.1), or none has."""
    found, by = request.exam, actor(request)
    codes = queries.known_offices(body.office_codes)
    return services.file_directory(exam=found, office_codes=codes, by=by, at=now(found))


@router.post("/{exam}/phones", response={201: list[FiledOut]}, operation_id="staffing_phones_exchange")
@office_api("staffing:roster:make")
def exchange(request: Request, exam: str, body: FileIn) -> object:
    """Each office has told its duty phones up and down (V15.1.4), or none has."""
    found, by = request.exam, actor(request)
    codes = queries.known_offices(body.office_codes)
    return services.exchange_phones(exam=found, office_codes=codes, by=by, at=now(found))
