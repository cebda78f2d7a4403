"""Whose copy is this, over the API: from what was read on a page, or from its photograph."""

from typing import Annotated

from ninja import Field, File, Router, Schema
from ninja.files import UploadedFile

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.kernel.files.scans import received
from keju.stages.custody.queries import tracing as queries
from keju.stages.custody.services.tracing import Traced, trace

router = Router(tags=["custody"])


class PageIn(Schema):
    """`typed`: the line at the foot, the eight letters ("?" for at most two that are not readable), what a code says, or a
    bag's code; `case`: in whose course it is asked, 0 for none."""

    typed: Annotated[str, Field(max_length=60)]
    case: Annotated[int, Field(ge=0, lt=2**62)] = 0


class TracedOut(Schema):
    """`bag`, `site`: "" unless the verdict is proven or likely; `room` 0 for a spare bag; `serial` 0 if it was not read.
    `first_ticket` to `last_ticket`: the candidates of the room."""

    verdict: str
    bag: str
    site: str
    room: int
    session: int
    category: str
    serial: int
    first_ticket: str
    last_ticket: str


@router.post("/{exam}/trace", response=list[TracedOut], operation_id="custody_trace")
@office_api("custody:evidence:make")
def trace_typed(request: Request, exam: str, asked: PageIn) -> object:
    """Whose copy it is; the asking is on record (V12.5)."""
    by, at = actor(request), now(request.exam)
    found = trace(exam=request.exam, typed=asked.typed, case_id=asked.case or None, by=by, at=at)
    return [_out(request, one) for one in found]


@router.post("/{exam}/trace/photo", response=list[TracedOut], operation_id="custody_trace_photo")
@office_api("custody:evidence:make")
def trace_photo(request: Request, exam: str, photo: File[UploadedFile], case: int = 0) -> object:
    """The same of a photograph (JPEG or PNG, 10 MB at most), an answer for each copy seen; it is read and not kept."""
    by, at = actor(request), now(request.exam)
    found = trace(exam=request.exam, photo=received([photo], 1)[0], case_id=case or None, by=by, at=at)
    return [_out(request, one) for one in found]


def _out(request: Request, one: Traced) -> TracedOut:
    bag = one.bag
    group = queries.group(request.exam, bag, viewer=actor(request)) if bag else None
    return TracedOut(
        verdict=one.verdict,
        bag=bag.code if bag else "",
        site=bag.site_code if bag else "",
        room=bag.room if bag else 0,
        session=bag.session if bag else 0,
        category=bag.category if bag else "",
        serial=one.read.serial,
        first_ticket=group.first if group else "",
        last_ticket=group.last if group else "",
    )
