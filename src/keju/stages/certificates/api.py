"""Certificates over the API."""

from datetime import datetime

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_api, office_api, public_api
from keju.stages.certificates import queries, services
from keju.stages.certificates.services import Handover

router = Router(tags=["certificates"])


class CertificateVerifiedOut(Schema):
    state: str
    number: str
    name: str
    category: str
    level: str
    region_code: str
    granted_at: datetime | None


class CertificateOut(Schema):
    id: int
    number: str
    state: str
    issue: int
    category: str
    level: str
    point_code: str
    name: str
    identity_masked: str
    collected_at: datetime | None


class CertificateOwnOut(Schema):
    number: str
    state: str
    issue: int
    made_at: datetime


class GrantedOut(Schema):
    count: int
    regions: dict[str, int]


class HandoverIn(Schema):
    number: str
    identity_seen: bool
    diploma: bool = False
    copies: int = 0


class CollectedOut(Schema):
    count: int


@router.get("/{exam}/verify", response=CertificateVerifiedOut, operation_id="certificates_verify")
@public_api
def verify(request: Request, exam: str, text: str) -> object:
    """What anybody may know of a certificate by code or number; the name is masked."""
    return queries.verify(text=text, exam=request.exam)


@router.get("/{exam}/mine", response=list[CertificateOwnOut], operation_id="certificates_mine")
@candidate_api
def mine(request: Request, exam: str) -> object:
    """One's own certificates, the latest first."""
    return queries.own(viewer=actor(request), exam=request.exam)


@router.get("/{exam}/certificates", response=list[CertificateOut], operation_id="certificates_list")
@office_api("certificates:list:read")
def certificates(request: Request, exam: str, after: str = "", point_code: str = "") -> object:
    """The viewer's certificates, fifty at a time after a number."""
    return queries.rows(
        viewer=actor(request),
        exam=request.exam,
        filters=queries.Filters(point_code=point_code),
        after=after,
    )


@router.post("/{exam}/grant", response={201: GrantedOut}, operation_id="certificates_grant")
@office_api("certificates:grant:make")
def grant(request: Request, exam: str) -> object:
    """Grant the qualification to everybody who passed."""
    found = request.exam
    return services.grant(exam=found, by=actor(request), at=now(found))


@router.post("/{exam}/collections", response={201: CollectedOut}, operation_id="certificates_collect")
@office_api("certificates:collection:record")
def collect(request: Request, exam: str, body: list[HandoverIn]) -> object:
    """Record certificates handed over in person; all of them or none."""
    found = request.exam
    handovers = [Handover(**h.dict()) for h in body]
    made = services.record_collection(exam=found, handovers=handovers, by=actor(request), at=now(found))
    return {"count": len(made)}
