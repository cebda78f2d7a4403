"""What is charged and where it stands: tariffs, stamped receipts, payments, the candidate's own fee."""

from datetime import date, datetime
from decimal import Decimal

from ninja import Router, Schema

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_api, office_api, public_api
from keju.stages.fees import queries, services
from keju.stages.fees.rules import reference
from keju.stages.registration import queries as registration

router = Router(tags=["fees"])


class TariffOut(Schema):
    region_code: str
    provincial_fee: Decimal
    approval: str
    starts_on: date


class TariffIn(Schema):
    provincial_fee: Decimal
    approval: str
    payee: str = ""
    starts_on: date | None = None
    version: int | None = None


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


class PaymentOut(Schema):
    registration_id: int
    method: str
    national: Decimal
    provincial: Decimal
    receipt: str
    taken_at: datetime


class OwnFeeOut(Schema):
    total: Decimal | None
    arrived: Decimal
    left: Decimal | None
    reference: str
    receipt: str


@router.get("/{exam}/tariffs", response=list[TariffOut], operation_id="fees_tariffs")
@public_api
def tariffs(request: Request, exam: str) -> object:
    """The provincial fee of each region that has set it."""
    return list(queries.tariffs(request.exam, now(request.exam)).values())


@router.put("/{exam}/tariffs/{region}", response=TariffOut, operation_id="fees_set_tariff")
@office_api("fees:tariff:set")
def set_tariff(request: Request, exam: str, region: str, body: TariffIn) -> object:
    """Set a region's provincial fee."""
    return services.set_tariff(
        exam=request.exam,
        region_code=region,
        provincial_fee=body.provincial_fee,
        approval=body.approval,
        payee=body.payee,
        starts_on=body.starts_on,
        version=body.version,
        by=actor(request),
        at=now(request.exam),
    )


@router.post("/{exam}/receipts", response={201: RangeOut}, operation_id="fees_register_receipts")
@office_api("fees:receipts:register")
def register_receipts(request: Request, exam: str, body: RangeIn) -> object:
    """Register a range of stamped receipts for one's region."""
    by = actor(request)
    return services.register_receipts(
        exam=request.exam, region_code=by.region_code, **body.dict(), by=by, at=now(request.exam)
    )


@router.get("/{exam}/payments", response=list[PaymentOut], operation_id="fees_payments")
@office_api("fees:ledger:read")
def payments(request: Request, exam: str, after: int = 0) -> object:
    """The next payments after a registration id."""
    return queries.payments(request.exam, after=after)


@router.get("/{exam}/own", response=OwnFeeOut, operation_id="fees_own")
@candidate_api
def own(request: Request, exam: str) -> object:
    """What the signed-in candidate pays, what has arrived, and the reference for a transfer."""
    by = actor(request)
    mine = registration.own(viewer=by, exam=request.exam)
    if mine is None:
        raise NotPermitted(hidden=True)
    row = registration.row(viewer=by, exam=request.exam, registration_id=mine.pk)
    fee = queries.fee_of(request.exam, row, now(request.exam))
    paid = queries.payment_of(request.exam, mine.pk)
    return {
        "total": fee.total,
        "arrived": fee.arrived,
        "left": Decimal(0) if paid else fee.left,
        "reference": reference(mine.pk),
        "receipt": paid.receipt if paid else "",
    }
