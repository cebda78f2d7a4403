"""National fees on their way to the centre, and the centre's receipts."""

from datetime import datetime
from decimal import Decimal

from ninja import Router, Schema

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.fees import queries, services

router = Router(tags=["fees"])


class StandingOut(Schema):
    region_code: str
    due: Decimal
    sent: Decimal
    arrived: Decimal
    deadline: datetime | None
    default: bool


class RemitIn(Schema):
    amount: Decimal
    reference: str


class RemittanceOut(Schema):
    id: int
    region_code: str
    amount: Decimal
    reference: str
    recorded_at: datetime
    received_at: datetime | None


class FiscalIn(Schema):
    number: str


class FiscalOut(Schema):
    id: int
    region_code: str
    number: str
    amount: Decimal
    issued_at: datetime


@router.get("/{exam}/standings/{region}", response=StandingOut, operation_id="fees_standing")
@office_api("fees:ledger:read")
def standing(request: Request, exam: str, region: str) -> object:
    """A region's national fees: due, sent, arrived, and whether it is in default."""
    opening = exams.opening(request.exam, region)
    own = actor(request).region_code
    if opening is None or len(region) != 2 or own not in ("", region):
        raise NotPermitted(hidden=True)
    found = queries.standing(request.exam, region, now(request.exam))
    account = found.account
    return {
        "region_code": region,
        "due": account.due,
        "sent": account.sent,
        "arrived": account.arrived,
        "deadline": account.deadline,
        "default": found.default,
    }


@router.get("/{exam}/remittances", response=list[RemittanceOut], operation_id="fees_remittances")
@office_api("fees:ledger:read")
def remittances(request: Request, exam: str) -> object:
    """What regions have sent, newest first."""
    return list(queries.remittances(request.exam)[:200])


@router.post("/{exam}/remittances", response={201: RemittanceOut}, operation_id="fees_remit")
@office_api("fees:remittance:record")
def remit(request: Request, exam: str, body: RemitIn) -> object:
    """Record what one's region has sent to the centre."""
    by = actor(request)
    return services.remit(
        exam=request.exam, region_code=by.region_code, **body.dict(), by=by, at=now(request.exam)
    )


@router.post(
    "/{exam}/remittances/{remittance_id}/receive", response=RemittanceOut, operation_id="fees_receive"
)
@office_api("fees:remittance:receive")
def receive(request: Request, exam: str, remittance_id: int) -> object:
    """Confirm that the money has arrived."""
    return services.receive_remittance(
        exam=request.exam, remittance_id=remittance_id, by=actor(request), at=now(request.exam)
    )


@router.post("/{exam}/fiscal/{region}", response={201: FiscalOut}, operation_id="fees_issue_fiscal_receipt")
@office_api("fees:remittance:receive")
def issue_fiscal_receipt(request: Request, exam: str, region: str, body: FiscalIn) -> object:
    """Record the fiscal receipt for everything that arrived from the region."""
    return services.issue_fiscal_receipt(
        exam=request.exam, region_code=region, number=body.number, by=actor(request), at=now(request.exam)
    )
