"""Fees over the API: the same doors and services as the pages. Amounts are yuan as decimal strings."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from django.http import HttpRequest
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import actor, candidate_api, office_api, public_api
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


class StatementImportedOut(Schema):
    added: int
    known: int
    matched: int
    layout: str


class StatementLineOut(Schema):
    id: int
    booked_on: date
    amount: Decimal
    open: Decimal
    payer: str
    remark: str
    serial: str


class LinePersonIn(Schema):
    reference: str
    amount: Decimal | None = None


class LineMatchIn(Schema):
    people: list[LinePersonIn] = []
    what: str = ""
    target: str = ""
    reason: str


class LedgerCheckOut(Schema):
    code: str
    ledger: Decimal
    records: Decimal
    holds: bool
    entries: list[int]


class PaymentOrderOut(Schema):
    id: int
    number: str
    amount: Decimal
    paid: Decimal
    state: str
    trouble: str
    made_at: datetime


class OwnFeeOut(Schema):
    total: Decimal | None
    arrived: Decimal
    left: Decimal | None
    reference: str
    receipt: str


class GatewayHeard(Schema):
    heard: str


class FeesDone(Schema):
    done: int


@router.get("/{exam}/tariffs", response=list[TariffOut], operation_id="fees_tariffs")
@public_api
def tariffs(request: HttpRequest, exam: str) -> object:
    """The provincial fee of each region that has set it."""
    return list(queries.tariffs(request.exam, now(request.exam)).values())


@router.put("/{exam}/tariffs/{region}", response=TariffOut, operation_id="fees_set_tariff")
@office_api("fees:tariff:set")
def set_tariff(request: HttpRequest, exam: str, region: str, body: TariffIn) -> object:
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
    """The next refunds after an id; state "owed", "paid" or all."""
    return queries.refunds(request.exam, state=state if state in ("owed", "paid") else "", after=after)


@router.post("/{exam}/refund-batches", response={201: RefundBatchOut}, operation_id="fees_propose_batch")
@office_api("fees:refund:execute")
def propose_batch(request: HttpRequest, exam: str, body: RefundBatchIn) -> object:
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
def batches(request: HttpRequest, exam: str) -> object:
    """Batches, newest first."""
    return list(queries.batches(request.exam)[:200])


@router.post(
    "/{exam}/refund-batches/{batch_id}/release", response=RefundBatchOut, operation_id="fees_release_batch"
)
@office_api("fees:refund:execute")
def release_batch(request: HttpRequest, exam: str, batch_id: int, body: RefundReleaseIn) -> object:
    """Release a batch that another person listed; `digest` is the one that was looked at."""
    return services.release_batch(
        exam=request.exam, batch_id=batch_id, digest=body.digest, by=actor(request), at=now(request.exam)
    )


@router.post("/{exam}/statements", response={201: StatementImportedOut}, operation_id="fees_import_statement")
@office_api("fees:statement:book")
def import_statement(request: HttpRequest, exam: str, file: File[UploadedFile], layout: str = "") -> object:
    """Book a bank statement of one's region, whole or not at all; known lines are left alone."""
    by = actor(request)
    done = services.import_statement(
        exam=request.exam,
        region_code=by.region_code,
        data=file.read(),
        filename=file.name or "",
        layout=layout,
        by=by,
        at=now(request.exam),
    )
    return {"added": done.added, "known": done.known, "matched": done.matched, "layout": done.layout.code}


@router.get("/{exam}/lines", response=list[StatementLineOut], operation_id="fees_lines")
@office_api("fees:ledger:read")
def lines(request: HttpRequest, exam: str, state: str = "", after: int = 0) -> object:
    """The next lines of statements after an id; state "open", "in", "out" or all."""
    known = state if state in ("open", "in", "out") else ""
    return queries.statement_lines(request.exam, state=known, after=after)


@router.post("/{exam}/lines/{line_id}/match", response=FeesDone, operation_id="fees_match_line")
@office_api("fees:statement:book")
def match_line(request: HttpRequest, exam: str, line_id: int, body: LineMatchIn) -> object:
    """Say what a line was: candidates by their references, and one other use for the rest, on what grounds."""
    by, at = actor(request), now(request.exam)
    parts = services.fee_parts(
        exam=request.exam, amounts=[(p.reference, p.amount) for p in body.people], viewer=by, at=at
    )
    if body.what:
        open_ = queries.statement_line(request.exam, line_id).open
        rest = open_ - sum((p.amount for p in parts), Decimal(0))
        parts.append(services.Part(body.what, rest, None, body.target))
    done = services.match_line(
        exam=request.exam, line_id=line_id, parts=parts, reason=body.reason, by=by, at=at
    )
    return {"done": done}


@router.get("/{exam}/checks", response=list[LedgerCheckOut], operation_id="fees_checks")
@office_api("fees:ledger:read")
def checks(request: HttpRequest, exam: str) -> object:
    """The books against what stands behind them; `entries` names those at fault."""
    return [
        {
            "code": c.code,
            "ledger": c.left,
            "records": c.right,
            "holds": c.holds,
            "entries": [f.entry for f in c.faults],
        }
        for c in queries.checks(request.exam, actor(request).office_path)
    ]


@router.get("/{exam}/orders", response=list[PaymentOrderOut], operation_id="fees_orders")
@office_api("fees:ledger:read")
def orders(request: HttpRequest, exam: str, state: str = "", after: int = 0) -> object:
    """The next orders after an id; state open, paid, closed, trouble or all."""
    known = state if state in ("open", "paid", "closed", "trouble") else ""
    return queries.orders(request.exam, state=known, after=after)


@router.get("/{exam}/own", response=OwnFeeOut, operation_id="fees_own")
@candidate_api
def own(request: HttpRequest, exam: str) -> object:
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


@router.post(
    "/gateway/notice", response={200: GatewayHeard, 400: GatewayHeard}, operation_id="fees_gateway_notice"
)
@public_api
def gateway_notice(request: HttpRequest) -> object:
    """A signed notice of the payment gateway (docs/gateway.md). Anything else is refused."""
    gateway = services.gateway()
    if gateway is None:
        raise NotPermitted(hidden=True)
    try:
        act = services.take_notice(
            gateway=gateway,
            body=request.body[:20_000],
            signature=request.headers.get("X-Signature", "")[:200],
            at=now(),
        )
    except services.BadSignature:
        return Status(400, {"heard": "refused"})
    return {"heard": act}
