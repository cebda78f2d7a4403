"""The bank and the gateway: statements, lines and what they were, orders online."""

from datetime import date, datetime
from decimal import Decimal

from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api, public_api
from keju.stages.fees import queries, services

router = Router(tags=["fees"])


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


class LinePartOut(Schema):
    id: int
    what: str
    registration_id: int | None
    target: str
    amount: Decimal
    reason: str
    matched_at: datetime
    undone_at: datetime | None


class LineUndoIn(Schema):
    parts: list[int]
    reason: str


class LinePersonIn(Schema):
    reference: str
    amount: Decimal | None = None


class LineMatchIn(Schema):
    people: list[LinePersonIn] = []
    what: str = ""
    target: str = ""
    reason: str


class PaymentOrderOut(Schema):
    id: int
    number: str
    amount: Decimal
    paid: Decimal
    state: str
    trouble: str
    made_at: datetime


class GatewayHeard(Schema):
    heard: str


class FeesDone(Schema):
    done: int


@router.post("/{exam}/statements", response={201: StatementImportedOut}, operation_id="fees_import_statement")
@office_api("fees:statement:book")
def import_statement(request: Request, exam: str, file: File[UploadedFile], layout: str = "") -> object:
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
def lines(request: Request, exam: str, state: str = "", after: int = 0) -> object:
    """The next lines of statements after an id; state "open", "in", "out" or all."""
    known = state if state in ("open", "in", "out") else ""
    return queries.statement_lines(request.exam, state=known, after=after)


@router.post("/{exam}/lines/{line_id}/match", response=FeesDone, operation_id="fees_match_line")
@office_api("fees:statement:book")
def match_line(request: Request, exam: str, line_id: int, body: LineMatchIn) -> object:
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


@router.get("/{exam}/lines/{line_id}/parts", response=list[LinePartOut], operation_id="fees_line_parts")
@office_api("fees:statement:book")
def parts(request: Request, exam: str, line_id: int) -> object:
    """What a line was found to be, part by part; those undone say when."""
    return queries.matches_of(queries.statement_line(request.exam, line_id))


@router.post("/{exam}/lines/{line_id}/undo", response=FeesDone, operation_id="fees_undo_line")
@office_api("fees:statement:book")
def undo(request: Request, exam: str, line_id: int, body: LineUndoIn) -> object:
    """Undo parts that were explained wrongly by somebody else: their money waits to be explained anew."""
    done = services.undo_matches(
        exam=request.exam,
        line_id=line_id,
        match_ids=body.parts,
        reason=body.reason,
        by=actor(request),
        at=now(request.exam),
    )
    return {"done": done}


@router.get("/{exam}/orders", response=list[PaymentOrderOut], operation_id="fees_orders")
@office_api("fees:ledger:read")
def orders(request: Request, exam: str, state: str = "", after: int = 0) -> object:
    """The next orders after an id; state open, paid, closed, trouble or all."""
    known = state if state in ("open", "paid", "closed", "trouble") else ""
    return queries.orders(request.exam, state=known, after=after)


@router.post(
    "/gateway/notice", response={200: GatewayHeard, 400: GatewayHeard}, operation_id="fees_gateway_notice"
)
@public_api
def gateway_notice(request: Request) -> object:
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
