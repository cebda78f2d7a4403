"""Marking over the API: for scanners and the centre's own programs."""

from ninja import File, Router, Schema, UploadedFile

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.marking import queries, services

router = Router(tags=["marking"])


class MarkingBagOut(Schema):
    pk: int
    session_number: int
    site_code: str
    room_number: int
    expected: int
    images: int
    linked: int
    refused: int
    awaited: int
    doubts: int


class ReadOut(Schema):
    read: int
    to_persons: int
    already: int
    refused: dict[str, int]


class SayIn(Schema):
    question: int
    answer: str


class RunOut(Schema):
    id: int
    candidates: int
    readings_digest: str
    scores_digest: str


@router.get("/{exam}/bags", response=list[MarkingBagOut], operation_id="marking_bags")
@office_api("marking:batch:read")
def bags(request: Request, exam: str, session: int | None = None) -> object:
    """Every room's bag with what was read of it."""
    return queries.batch_rows(viewer=actor(request), exam=request.exam, session_number=session)


@router.post("/{exam}/bags/{bag_id}/images", response=ReadOut, operation_id="marking_read")
@office_api("marking:batch:scan")
def read(request: Request, exam: str, bag_id: int, images: File[list[UploadedFile]]) -> object:
    """Read scanned images into a bag; the same image again changes nothing."""
    return services.read_images(
        exam=request.exam,
        batch_id=bag_id,
        images=services.unpacked([f.read() for f in images]),
        by=actor(request),
        at=now(request.exam),
    )


@router.post("/{exam}/readings/{reading_id}/decisions", response={204: None}, operation_id="marking_decide")
@office_api("marking:reading:adjudicate")
def decide(request: Request, exam: str, reading_id: int, body: list[SayIn]) -> object:
    """Say what is on the places of a card that are in doubt."""
    services.decide_all(
        exam=request.exam,
        reading_id=reading_id,
        says={s.question: s.answer for s in body},
        by=actor(request),
        at=now(request.exam),
    )
    return None


@router.get("/{exam}/runs", response=list[RunOut], operation_id="marking_runs")
@office_api("marking:score:read")
def runs(request: Request, exam: str) -> object:
    """Every run with its digests, newest first; no scores."""
    return queries.runs(viewer=actor(request), exam=request.exam)
