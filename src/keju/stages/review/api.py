"""The review over the API: the same doors and services as the pages."""

from datetime import datetime
from decimal import Decimal

from ninja import Router, Schema

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_api, office_api
from keju.stages.fees.services import Payment
from keju.stages.review import queries, services
from keju.stages.review.services import FirstDecision, Parcel, Wish

router = Router(tags=["review"])


class PersonOut(Schema):
    id: int
    number: str
    name: str
    identity_masked: str
    category: str
    route: str
    point_code: str
    state: str
    version: int


class PaymentIn(Schema):
    method: str
    amount: Decimal
    reference: str = ""


class FirstIn(Schema):
    passed: bool
    materials: dict[str, tuple[bool, bool, bool]] = {}
    returned: bool = False
    reason: str = ""
    payment: PaymentIn | None = None
    version: int = 0
    signed: bool = False


class FirstOut(Schema):
    registration_id: int
    receipt: str


class SecondOut(Schema):
    row: PersonOut
    first_at: datetime
    passed: bool | None
    reason: str


class SecondIn(Schema):
    passed: list[int] = []
    failed: dict[int, str] = {}
    signed: bool = False


class BulkIn(Schema):
    point: str = ""
    category: str = ""
    route: str = ""
    upto: int = 0
    signed: bool = False


class BulkOut(Schema):
    id: int
    passed: int
    skipped: list[tuple[int, str]]


class ChangeIn(Schema):
    changes: dict[str, str]
    reason: str
    version: int = 0


class VersionOut(Schema):
    version: int


class CorrectionOut(Schema):
    id: int
    registration_id: int
    state: str
    fields: list[str]
    reason: str
    answer: str
    asked_at: datetime
    decided_at: datetime | None
    signed_at: datetime | None


class CorrectionIn(Schema):
    changes: dict[str, str]
    reason: str


class CorrectionDecisionIn(Schema):
    approve: bool
    answer: str = ""


class Done(Schema):
    done: int


class ProgressOut(Schema):
    point_code: str
    waiting: int
    passed: int
    failed: int
    second_open: int
    second_passed: int
    second_failed: int
    sent_at: datetime | None
    received_at: datetime | None


class SummaryOut(Schema):
    point_code: str
    passed: int
    failed: int
    absent: int
    cash: Decimal
    transferred: Decimal
    contents: dict[str, int]
    carrier: str
    seal: str
    sent_at: datetime
    found: dict[str, int] | None
    seal_whole: bool | None
    received_at: datetime | None
    remark: str


class ParcelIn(Schema):
    packets: int
    carrier: str
    kept: bool
    seal: str = ""


class ReceiptIn(Schema):
    found: dict[str, int]
    seal_whole: bool | None = None
    remark: str = ""


class BatchOut(Schema):
    region_code: str
    passed: int
    failed: int
    set_at: datetime


@router.get("/{exam}/progress", response=list[ProgressOut], operation_id="review_progress")
@office_api("review:list:read")
def progress(request: Request, exam: str) -> object:
    """How far each point under one's office is."""
    return queries.progress(viewer=actor(request), exam=request.exam)


@router.get("/{exam}/first", response=list[PersonOut], operation_id="review_first_queue")
@office_api("review:list:read")
def first_queue(request: Request, exam: str, after: int = 0) -> object:
    """Registrations waiting for the first review, after a registration id."""
    return queries.first_queue(viewer=actor(request), exam=request.exam, after=after)


@router.post("/{exam}/first/{registration_id}", response={201: FirstOut}, operation_id="review_decide_first")
@office_api("review:first:decide")
def decide_first(request: Request, exam: str, registration_id: int, body: FirstIn) -> object:
    """Decide a registration at the counter; returns the receipt's number, "" where no fee was taken."""
    payment = Payment(registration_id, **body.payment.dict()) if body.payment else None
    decision = FirstDecision(
        registration_id,
        body.passed,
        body.materials,
        returned=body.returned,
        reason=body.reason,
        payment=payment,
        version=body.version,
        signed=body.signed,
    )
    receipts = services.decide_first(
        exam=request.exam, decisions=[decision], by=actor(request), at=now(request.exam)
    )
    return {"registration_id": registration_id, "receipt": receipts.get(registration_id, "")}


@router.get("/{exam}/second", response=list[SecondOut], operation_id="review_second_queue")
@office_api("review:list:read")
def second_queue(request: Request, exam: str, state: str = "open", point: str = "", after: int = 0) -> object:
    """Passed at the first review, after a registration id; state open, passed, failed, or "" for all."""
    items = queries.second_queue(
        viewer=actor(request), exam=request.exam, queue=queries.Queue(point, state), after=after
    )
    return [
        {
            "row": i.row,
            "first_at": i.first.decided_at,
            "passed": i.second.passed if i.second else None,
            "reason": i.second.reason if i.second else "",
        }
        for i in items
    ]


@router.post("/{exam}/second", response={201: Done}, operation_id="review_decide_second")
@office_api("review:second:decide")
def decide_second(request: Request, exam: str, body: SecondIn) -> object:
    """Decide registrations of one's region: all or none."""
    by = actor(request)
    done = services.decide_second(
        exam=request.exam,
        region_code=by.region_code,
        passed=body.passed,
        failed=body.failed,
        signed=body.signed,
        by=by,
        at=now(request.exam),
    )
    return {"done": done}


@router.post("/{exam}/second/bulk", response={201: BulkOut}, operation_id="review_pass_all")
@office_api("review:second:decide")
def pass_all(request: Request, exam: str, body: BulkIn) -> object:
    """Pass everybody undecided whom the filters show; whoever cannot is left out, with the reason."""
    by = actor(request)
    return services.pass_all(
        exam=request.exam,
        region_code=by.region_code,
        queue=queries.Queue(body.point, "open", body.category, body.route),
        upto=body.upto,
        signed=body.signed,
        by=by,
        at=now(request.exam),
    )


@router.post("/{exam}/first/{registration_id}/change", response={200: VersionOut}, operation_id="review_mend")
@office_api("review:first:decide")
def mend(request: Request, exam: str, registration_id: int, body: ChangeIn) -> object:
    """Put the data right before the first review; earlier prints of the form are void."""
    version = services.mend(
        exam=request.exam,
        registration_id=registration_id,
        changes=body.changes,
        reason=body.reason,
        version=body.version,
        by=actor(request),
        at=now(request.exam),
    )
    return {"version": version}


@router.post(
    "/{exam}/corrections/{registration_id}",
    response={201: CorrectionOut},
    operation_id="review_report_correction",
)
@office_api("review:first:decide")
def report_correction(request: Request, exam: str, registration_id: int, body: ChangeIn) -> object:
    """Ask for a correction of a confirmed registration; another person decides it."""
    wish = Wish(registration_id, body.changes, body.reason, body.version)
    return services.report_corrections(
        exam=request.exam, wishes=[wish], by=actor(request), at=now(request.exam)
    )[0]


@router.post("/{exam}/own/correction", response={201: CorrectionOut}, operation_id="review_ask_correction")
@candidate_api
def ask_correction(request: Request, exam: str, body: CorrectionIn) -> object:
    """Ask for a correction of one's own confirmed registration."""
    return services.ask_correction(
        exam=request.exam,
        changes=body.changes,
        reason=body.reason,
        by=actor(request),
        at=now(request.exam),
    )


@router.get("/{exam}/corrections", response=list[CorrectionOut], operation_id="review_corrections")
@office_api("review:list:read")
def corrections(request: Request, exam: str, state: str = "asked", after: int = 0) -> object:
    """Corrections after an id; state asked, approved, unsigned, refused, or "" for all."""
    found = queries.corrections(viewer=actor(request), exam=request.exam, state=state, after=after)
    return [item.correction for item in found]


@router.post(
    "/{exam}/corrections/{correction_id}/decide",
    response={200: CorrectionOut},
    operation_id="review_decide_correction",
)
@office_api("review:correction:decide")
def decide_correction(request: Request, exam: str, correction_id: int, body: CorrectionDecisionIn) -> object:
    """Approve (a new version, prints void) or refuse with the reason; never by whoever asked."""
    by, at = actor(request), now(request.exam)
    if body.approve:
        services.approve_corrections(exam=request.exam, correction_ids=[correction_id], by=by, at=at)
    else:
        services.refuse_correction(
            exam=request.exam, correction_id=correction_id, answer=body.answer, by=by, at=at
        )
    return queries.correction(viewer=by, exam=request.exam, correction_id=correction_id).correction


@router.post("/{exam}/batch", response={201: BatchOut}, operation_id="review_set_batch")
@office_api("review:second:decide")
def set_batch(request: Request, exam: str) -> object:
    """Set the results of one's region, all at once."""
    by = actor(request)
    return services.set_batch(exam=request.exam, region_code=by.region_code, by=by, at=now(request.exam))


@router.get("/{exam}/summaries/{point}", response=SummaryOut, operation_id="review_summary")
@office_api("review:list:read")
def summary(request: Request, exam: str, point: str) -> object:
    """The summary that a point sent."""
    found = queries.summary(request.exam, point)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


@router.post("/{exam}/summaries/{point}", response={201: SummaryOut}, operation_id="review_send_summary")
@office_api("review:summary:send")
def send_summary(request: Request, exam: str, point: str, body: ParcelIn) -> object:
    """Send the point's summary and papers; its duty is done."""
    return services.send_summary(
        exam=request.exam,
        point_code=point,
        parcel=Parcel(**body.dict()),
        by=actor(request),
        at=now(request.exam),
    )


@router.post("/{exam}/summaries/{point}/receive", response=SummaryOut, operation_id="review_receive_summary")
@office_api("review:second:decide")
def receive_summary(request: Request, exam: str, point: str, body: ReceiptIn) -> object:
    """Sign for a point's consignment as it was counted."""
    return services.receive_summary(
        exam=request.exam,
        point_code=point,
        found=body.found,
        seal_whole=body.seal_whole,
        remark=body.remark,
        by=actor(request),
        at=now(request.exam),
    )
