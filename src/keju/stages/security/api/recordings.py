"""Devices and recordings over the API."""

from datetime import date, datetime
from typing import Annotated

from ninja import Field, Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.security.queries import devices as devices_of
from keju.stages.security.queries import recordings as queries
from keju.stages.security.services import devices, disposing, recordings
from keju.stages.security.services.recordings import NewRecording

router = Router(tags=["security"])
Id = Annotated[int, Field(ge=0, le=2**62)]


class DeviceOut(Schema):
    id: int
    office_code: str
    kind: str
    tag: str
    model: str
    passed: bool | None
    tested_at: datetime | None


class TestIn(Schema):
    devices: Annotated[list[Id], Field(min_length=1, max_length=500)]
    passed: bool
    note: Annotated[str, Field(max_length=200)] = ""


class RecordingIn(Schema):
    site_code: Annotated[str, Field(max_length=7)]
    room: Annotated[int, Field(ge=1, le=9999)]
    session: Annotated[int, Field(ge=1, le=20)]
    medium: Annotated[str, Field(min_length=1, max_length=80)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1, le=2**60)]
    custodian_id: Id
    place: Annotated[str, Field(min_length=1, max_length=120)]


class RecordingOut(Schema):
    id: int
    site_code: str
    room: int
    session: int
    medium: str
    sha256: str
    size: int
    place: str
    keep_until: date
    disposed_at: datetime | None


class KeptIn(Schema):
    point_code: Annotated[str, Field(pattern=r"^\d{4}$")]


class GapOut(Schema):
    site: str
    room: int
    session: int


class RecordingCount(Schema):
    count: int


@router.get("/{exam}/devices", response=list[DeviceOut], operation_id="security_devices")
@office_api("security:record:read")
def inventory(request: Request, exam: str, kind: str = "", state: str = "", after: Id = 0) -> object:
    """The inventory of the viewer's offices, newest first, 500 at a time."""
    return list(devices_of.devices(viewer=actor(request), kind=kind, state=state, after=after)[:500])


@router.post("/{exam}/devices/tests", response={201: RecordingCount}, operation_id="security_devices_test")
@office_api("security:device:manage")
def test(request: Request, exam: str, body: TestIn) -> object:
    """Each of the devices was tried with this result."""
    by, at = actor(request), now(request.exam)
    facts = {"device_ids": body.devices, "passed": body.passed, "note": body.note}
    return {"count": devices.test_devices(exam=request.exam, **facts, by=by, at=at)}


@router.get("/{exam}/recordings", response=list[RecordingOut], operation_id="security_recordings")
@office_api("security:record:read")
def register(request: Request, exam: str, site: str = "", after: Id = 0) -> object:
    """The register of the viewer's offices, newest first, 500 at a time."""
    return list(queries.recordings(request.exam, viewer=actor(request), site=site, after=after)[:500])


@router.post("/{exam}/recordings", response={201: RecordingCount}, operation_id="security_recordings_enter")
@office_api("security:recording:keep")
def enter(request: Request, exam: str, body: Annotated[list[RecordingIn], Field(max_length=5000)]) -> object:
    """Enter recordings: all or none."""
    by, at = actor(request), now(request.exam)
    rows = [NewRecording(**one.dict()) for one in body]
    return {"count": len(recordings.enter_recordings(exam=request.exam, rows=rows, by=by, at=at))}


@router.post("/{exam}/recordings/kept", response=RecordingCount, operation_id="security_recordings_kept")
@office_api("security:recording:keep")
def kept(request: Request, exam: str, body: KeptIn) -> object:
    """A point kept its recordings for the whole term: how many duties that closed."""
    by, at = actor(request), now(request.exam)
    return {"count": disposing.report_kept(exam=request.exam, point_code=body.point_code, by=by, at=at)}


@router.get("/{exam}/recordings/gaps", response=list[GapOut], operation_id="security_recordings_gaps")
@office_api("security:record:read")
def gaps(request: Request, exam: str) -> object:
    """Rooms with a camera and sessions that are over, without a recording."""
    found = queries.gaps(request.exam, actor(request).office_path, now(request.exam))
    return [{"site": site, "room": room, "session": session} for site, room, session in found[:5000]]
