"""Results over the API."""

from datetime import datetime

from ninja import Router, Schema

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_api, office_api, public_api
from keju.stages.results import queries, services

router = Router(tags=["results"])


class ReleaseOut(Schema):
    count: int
    passed: int
    digest: str
    released_at: datetime


class ExamResultOut(Schema):
    ticket_number: str
    category: str
    total: int
    subjects: dict[str, int]
    level: str
    absent: list[int]


class LineIn(Schema):
    lines: dict[str, dict[str, int]]
    reason: str


class ProposalOut(Schema):
    id: int
    lines: dict[str, dict[str, int]]
    impact: dict[str, dict[str, int]]
    digest: str
    reason: str
    proposed_at: datetime


class VoteIn(Schema):
    approve: bool
    seen: str


class VoteOut(Schema):
    id: int
    approve: bool
    digest: str


class DecisionOut(Schema):
    lines: dict[str, dict[str, int]]
    approvals: int
    refusals: int
    digest: str
    decided_at: datetime


class PassOut(Schema):
    ticket_number: str
    name: str
    identity_masked: str
    point_code: str
    category: str
    level: str
    total: int


@router.get("/{exam}/release", response=ReleaseOut, operation_id="results_release_read")
@public_api
def released(request: Request, exam: str) -> object:
    """Whether and when results were released."""
    out = queries.release(request.exam)
    if out is None:
        raise NotPermitted(hidden=True)
    return out


@router.get("/{exam}/line", response=DecisionOut, operation_id="results_line_read")
@public_api
def line(request: Request, exam: str) -> object:
    """The passing line, once results are released."""
    found = queries.decision(request.exam)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


@router.get("/{exam}/mine", response=ExamResultOut, operation_id="results_mine")
@candidate_api
def mine(request: Request, exam: str) -> object:
    """One's own result."""
    found = queries.own_result(viewer=actor(request), exam=request.exam)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


@router.get("/{exam}/proposals", response=list[ProposalOut], operation_id="results_proposals")
@office_api("results:line:read")
def proposals(request: Request, exam: str) -> object:
    """Proposals of the passing line, the latest first; the national bodies' own."""
    return list(queries.proposals(viewer=actor(request), exam=request.exam))


@router.post("/{exam}/proposals", response={201: ProposalOut}, operation_id="results_propose")
@office_api("results:line:propose")
def propose(request: Request, exam: str, body: LineIn) -> object:
    """Propose a passing line."""
    lines = {(category, level): n for category, levels in body.lines.items() for level, n in levels.items()}
    found = request.exam
    return services.propose_line(
        exam=found, lines=lines, reason=body.reason, by=actor(request), at=now(found)
    )


@router.post("/{exam}/proposals/{proposal_id}/vote", response={201: VoteOut}, operation_id="results_vote")
@office_api("results:line:decide")
def vote(request: Request, exam: str, proposal_id: int, body: VoteIn) -> object:
    """Vote on a proposal; `seen` is its digest."""
    found = request.exam
    return services.vote(
        exam=found,
        proposal_id=proposal_id,
        approve=body.approve,
        seen=body.seen or "-",
        by=actor(request),
        at=now(found),
    )


@router.post(
    "/{exam}/proposals/{proposal_id}/decide", response={201: DecisionOut}, operation_id="results_decide"
)
@office_api("results:line:decide")
def decide(request: Request, exam: str, proposal_id: int) -> object:
    """Decide the passing line once the quorum approved it."""
    found = request.exam
    return services.decide_line(exam=found, proposal_id=proposal_id, by=actor(request), at=now(found))


@router.post("/{exam}/release", response={201: ReleaseOut}, operation_id="results_release")
@office_api("results:release:publish")
def release(request: Request, exam: str) -> object:
    """Release the results."""
    found = request.exam
    return services.release(exam=found, by=actor(request), at=now(found))


@router.get("/{exam}/passes", response=list[PassOut], operation_id="results_passes")
@office_api("results:register:read")
def passes(request: Request, exam: str, after: str = "", category: str = "", level: str = "") -> object:
    """Those who passed, fifty at a time after a ticket number."""
    return queries.pass_rows(
        viewer=actor(request),
        exam=request.exam,
        filters=queries.Filters(category=category, level=level),
        after=after,
    )
