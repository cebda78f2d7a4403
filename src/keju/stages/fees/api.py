"""Fees over the API: the same doors and services as the pages. Amounts are yuan as decimal strings."""

from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import actor, office_api, public_api
from keju.stages.fees import queries, services

router = Router(tags=["fees"])


class TariffOut(Schema):
    region_code: str
    provincial_fee: Decimal
    approval: str


class TariffIn(Schema):
    provincial_fee: Decimal
    approval: str
    version: int | None = None


class BalanceOut(Schema):
    account: str
    amount: Decimal


class StandingOut(Schema):
    region_code: str
    due: Decimal
    sent: Decimal
    arrived: Decimal
    deadline: datetime | None
    default: bool


class RangeIn(Schema):
    prefix: str = ""
    first: int
    last: int


class RangeOut(Schema):
    id: int
    region_code: str
    prefix: str
    first: int
    last: int
    following: int


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


class PaymentOut(Schema):
    registration_id: int
    method: str
    national: Decimal
    provincial: Decimal
    receipt: str
    taken_at: datetime


class RefundOut(Schema):
    registration_id: int
    amount: Decimal
    owed_at: datetime
    paid_at: datetime | None


class RefundIn(Schema):
    registration_ids: list[int]


class FeesDone(Schema):
    done: int


@router.get("/{exam}/tariffs", response=list[TariffOut], operation_id="fees_tariffs")
@public_api
def tariffs(request: HttpRequest, exam: str) -> object:
    """The provincial fee of each region that has set it."""
    return list(queries.tariffs(request.exam).values())


@router.put("/{exam}/tariffs/{region}", response=TariffOut, operation_id="fees_set_tariff")
@office_api("fees:tariff:set")
def set_tariff(request: HttpRequest, exam: str, region: str, body: TariffIn) -> object:
    """Set a region's provincial fee."""
    return services.set_tariff(
        exam=request.exam,
        region_code=region,
        provincial_fee=body.provincial_fee,
        approval=body.approval,
        version=body.version,
        by=actor(request),
        at=now(request.exam),
    )


@router.get("/{exam}/balance", response=list[BalanceOut], operation_id="fees_balance")
@office_api("fees:ledger:read")
def balance(request: HttpRequest, exam: str) -> object:
    """The trial balance under one's office; the amounts sum to zero."""
    return queries.trial_balance(request.exam, actor(request).office_path)


@router.get("/{exam}/standings/{region}", response=StandingOut, operation_id="fees_standing")
@office_api("fees:ledger:read")
def standing(request: HttpRequest, exam: str, region: str) -> object:
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


@router.post("/{exam}/receipts", response={201: RangeOut}, operation_id="fees_register_receipts")
@office_api("fees:receipts:register")
def register_receipts(request: HttpRequest, exam: str, body: RangeIn) -> object:
    """Register a range of stamped receipts for one's region."""
    by = actor(request)
    return services.register_receipts(
        exam=request.exam, region_code=by.region_code, **body.dict(), by=by, at=now(request.exam)
    )


@router.get("/{exam}/payments", response=list[PaymentOut], operation_id="fees_payments")
@office_api("fees:ledger:read")
def payments(request: HttpRequest, exam: str, after: int = 0) -> object:
    """The next payments after a registration id."""
    return queries.payments(request.exam, after=after)


@router.get("/{exam}/remittances", response=list[RemittanceOut], operation_id="fees_remittances")
@office_api("fees:ledger:read")
def remittances(request: HttpRequest, exam: str) -> object:
    """What regions have sent, newest first."""
    return list(queries.remittances(request.exam)[:200])


@router.post("/{exam}/remittances", response={201: RemittanceOut}, operation_id="fees_remit")
@office_api("fees:remittance:record")
def remit(request: HttpRequest, exam: str, body: RemitIn) -> object:
    """Record what one's region has sent to the centre."""
    by = actor(request)
    return services.remit(
        exam=request.exam, region_code=by.region_code, **body.dict(), by=by, at=now(request.exam)
    )


@router.post(
    "/{exam}/remittances/{remittance_id}/receive", response=RemittanceOut, operation_id="fees_receive"
)
@office_api("fees:remittance:receive")
def receive(request: HttpRequest, exam: str, remittance_id: int) -> object:
    """Confirm that the money has arrived."""
    return services.receive_remittance(
        exam=request.exam, remittance_id=remittance_id, by=actor(request), at=now(request.exam)
    )


@router.post("/{exam}/fiscal/{region}", response={201: FiscalOut}, operation_id="fees_issue_fiscal_receipt")
@office_api("fees:remittance:receive")
def issue_fiscal_receipt(request: HttpRequest, exam: str, region: str, body: FiscalIn) -> object:
    """Record the fiscal receipt for everything that arrived from the region."""
    return services.issue_fiscal_receipt(
        exam=request.exam, region_code=region, number=body.number, by=actor(request), at=now(request.exam)
    )


@router.get("/{exam}/refunds", response=list[RefundOut], operation_id="fees_refunds")
@office_api("fees:ledger:read")
def refunds(request: HttpRequest, exam: str, state: str = "", after: int = 0) -> object:
    """The next refunds after a registration id; state "owed", "paid" or all."""
    return queries.refunds(request.exam, state=state if state in ("owed", "paid") else "", after=after)


@router.post("/{exam}/refunds", response=FeesDone, operation_id="fees_refund")
@office_api("fees:refund:execute")
def refund(request: HttpRequest, exam: str, body: RefundIn) -> object:
    """Record that these candidates have their money back: all or none."""
    done = services.refund(
        exam=request.exam, registration_ids=body.registration_ids, by=actor(request), at=now(request.exam)
    )
    return {"done": done}
