"""The archive over the API."""

from datetime import datetime

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.archive import queries, services

router = Router(tags=["archive"])


class ArchiveBagOut(Schema):
    id: int
    digest: str
    files: int
    rows: int
    octets: int
    sealed_at: datetime


class CheckOut(Schema):
    problems: list[dict[str, str]]
    problem_count: int
    at: datetime


@router.get("/{exam}/bags", response=list[ArchiveBagOut], operation_id="archive_bags")
@office_api("archive:bundle:read")
def bags(request: Request, exam: str) -> object:
    """Every bag sealed of the exam, the latest first."""
    return queries.bags(viewer=actor(request), exam=request.exam)


@router.post("/{exam}/bags/{bag_id}/check", response={201: CheckOut}, operation_id="archive_check")
@office_api("archive:bundle:seal")
def check(request: Request, exam: str, bag_id: int) -> object:
    """Compare a bag with its manifests and the digest of its sealing."""
    found = request.exam
    return services.check(exam=found, bag_id=bag_id, by=actor(request), at=now(found))
