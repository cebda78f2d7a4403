"""Money that goes back, in batches that two people send off."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from ninja import Router, Schema

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.fees import queries, services

router = Router(tags=["fees"])


class RefundOut(Schema):
    id: int
    registration_id: int | None
    cause: str
    amount: Decimal
    owed_at: datetime
    paid_at: datetime | None


class RefundBatchIn(Schema):
    way: Literal["bank", "gateway", "hand"] = "bank"
    refund_ids: list[int] = []


class RefundBatchOut(Schema):
    id: int
    number: str
    way: str
    state: str
    count: int
    amount: Decimal
    digest: str


class RefundReleaseIn(Schema):
    digest: str


@router.get("/{exam}/refunds", response=list[RefundOut], operation_id="fees_refunds")
@office_api("fees:ledger:read")
def refunds(request: Request, exam: str, state: str = "", after: int = 0) -> object:
    """The next refunds after an id; state "owed", "paid" or all."""
    return queries.refunds(request.exam, state=state if state in ("owed", "paid") else "", after=after)


@router.post("/{exam}/refund-batches", response={201: RefundBatchOut}, operation_id="fees_propose_batch")
@office_api("fees:refund:execute")
def propose_batch(request: Request, exam: str, body: RefundBatchIn) -> object:
    """Put these refunds (or, with none named, all that can go this way) into a batch; another person releases it."""
    by = actor(request)
    return services.propose_batch(
        exam=request.exam,
        region_code=by.region_code,
        way=body.way,
        refund_ids=body.refund_ids or None,
        by=by,
        at=now(request.exam),
    )


@router.get("/{exam}/refund-batches", response=list[RefundBatchOut], operation_id="fees_batches")
@office_api("fees:ledger:read")
def batches(request: Request, exam: str) -> object:
    """Batches, newest first."""
    return list(queries.batches(request.exam)[:200])


@router.post(
    "/{exam}/refund-batches/{batch_id}/release", response=RefundBatchOut, operation_id="fees_release_batch"
)
@office_api("fees:refund:execute")
def release_batch(request: Request, exam: str, batch_id: int, body: RefundReleaseIn) -> object:
    """Release a batch that another person listed; `digest` is the one that was looked at."""
    return services.release_batch(
        exam=request.exam, batch_id=batch_id, digest=body.digest, by=actor(request), at=now(request.exam)
    )
