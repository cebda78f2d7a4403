"""Handovers over the API: the list, one with its items, and scans from a device that reads by itself."""

from datetime import datetime
from uuid import UUID

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.rules.handovers import Scan
from keju.stages.custody.services import handovers as services

router = Router(tags=["custody"])
PAGE = 100


class HandoverOut(Schema):
    """`receipt_to`: the office that is owed the signed sheet, "" none; `receipt_at`: when it had it."""

    id: int
    kind: str
    state: str
    office_path: str
    sender_code: str
    receiver_code: str
    place: str
    containers: int
    arrives_at: datetime | None
    counted_at: datetime | None
    ended_at: datetime | None
    receipt_to: str
    receipt_at: datetime | None


class ItemOut(Schema):
    """`seen`: intact, broken, other_seal, missing; "" not yet scanned."""

    code: str
    seal: str
    inside: int
    seen: str
    seen_seal: str


class ExceptionOut(Schema):
    id: int
    handover_id: int | None
    code: str
    kind: str
    reported_at: datetime
    instruction: str
    instructed_at: datetime | None


class ScanIn(Schema):
    """`state`: intact, same or duplicate; what is damaged is entered with its photograph on the page."""

    code: str
    seal: str = ""
    state: str = "intact"
    read_at: datetime | None = None


class BatchIn(Schema):
    key: UUID
    scans: list[ScanIn]


class OutcomeOut(Schema):
    code: str
    verdict: str
    seen: str


@router.get("/{exam}/handovers", response=list[HandoverOut], operation_id="custody_handovers")
@office_api("custody:chain:read")
def listing(request: Request, exam: str, after: int = 0) -> object:
    """Those of the viewer's offices, in id order after `after`, 100 at a time (V11.1)."""
    found = reads.in_scope(request.exam, viewer=actor(request)).filter(pk__gt=after)
    return list(found.order_by("pk")[:PAGE])


@router.get(
    "/{exam}/handovers/{handover_id}/items", response=list[ItemOut], operation_id="custody_handover_items"
)
@office_api("custody:chain:read")
def items(request: Request, exam: str, handover_id: int) -> object:
    """What the handover expects, and how it was found."""
    row = reads.handover(request.exam, handover_id, viewer=actor(request))
    return list(row.items.order_by("code"))


@router.post(
    "/{exam}/handovers/{handover_id}/scans", response=list[OutcomeOut], operation_id="custody_handover_scans"
)
@office_api("custody:handover:make")
def scan(request: Request, exam: str, handover_id: int, batch: BatchIn) -> object:
    """A batch of scans, applied once by its key (V11.1)."""
    return services.scan(
        exam=request.exam,
        handover_id=handover_id,
        key=batch.key,
        found=[Scan(s.code, s.seal, s.state, read_at=s.read_at) for s in batch.scans],
        by=actor(request),
        at=now(request.exam),
    )


@router.get("/{exam}/exceptions", response=list[ExceptionOut], operation_id="custody_exceptions")
@office_api("custody:chain:read")
def exceptions(request: Request, exam: str, after: int = 0) -> object:
    """What was abnormal, in id order after `after`, 100 at a time (V11.3.3)."""
    found = reads.exceptions(request.exam, viewer=actor(request)).filter(pk__gt=after)
    return list(found.order_by("pk")[:PAGE])
