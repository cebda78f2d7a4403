"""Signatures over the API: what waits, one proposal as it is signed, signing, refusing, withdrawing."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse, JsonResponse
from ninja import Field, Query, Router, Schema

from keju.kernel.approvals import queries, services
from keju.kernel.approvals.forms import WRONG
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_api
from keju.rulebook.words import t

router = Router(tags=["approvals"])
SIGN = "approvals:proposal:sign"
Id = Annotated[int, Field(ge=1, lt=2**63)]
NOT_SIGNED = t("没有签署", "Not signed")


class ApprovalOut(Schema):
    """`state`: open, approved, used, refused, withdrawn, superseded or expired."""

    id: int
    kind: str
    subject: str
    office_path: str
    content_hash: str
    title: str
    state: str
    proposed_at: datetime
    expires_at: datetime


class ApprovalSignatureOut(Schema):
    name: str
    what: str
    signed_at: datetime


class ApprovalMissingOut(Schema):
    what: str
    at_path: str
    count: int


class ApprovalWholeOut(ApprovalOut):
    """`content`: exactly what is signed; `seen_hash` its SHA-256."""

    seen_hash: str
    content: dict[str, Any]
    signatures: list[ApprovalSignatureOut]
    missing: list[ApprovalMissingOut]


class ApprovalsAsked(Schema):
    show: Literal["waiting", "proposed"] = "waiting"
    size: Annotated[int, Field(ge=1, le=200)] = 50


class SignIn(Schema):
    content_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    code: Annotated[str, Field(min_length=1, max_length=16)]


class ReasonIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


@router.get("/{exam}/proposals", response=list[ApprovalOut], operation_id="approvals_proposals")
@office_api(SIGN)
def proposals(request: Request, exam: str, asked: Query[ApprovalsAsked]) -> object:
    """What waits for the caller's signature, or what the caller's office proposed."""
    row, by, at = request.exam, actor(request), now(request.exam)
    waiting, ours = queries.inbox(viewer=by, exam=row, at=at), queries.proposed(viewer=by, exam=row)
    return [_out(one, at) for one in (waiting if asked.show == "waiting" else ours)[: asked.size]]


@router.get("/{exam}/proposals/{approval_id}", response=ApprovalWholeOut, operation_id="approvals_proposal")
@office_api(SIGN)
def proposal(request: Request, exam: str, approval_id: Id) -> object:
    """One proposal with its signatures and whose are missing."""
    return _whole(request, approval_id)


@router.post("/{exam}/proposals/{approval_id}/sign", response=ApprovalWholeOut, operation_id="approvals_sign")
@office_api(SIGN)
def sign(request: Request, exam: str, approval_id: Id, body: SignIn) -> object:
    """Signed with the caller's second factor; 422 if the code does not prove the caller."""
    _whole(request, approval_id)
    by, at = actor(request), now(request.exam)
    signature = services.sign(
        proposal_id=approval_id, content_hash=body.content_hash, code=body.code, by=by, at=at
    )
    return _unproved() if signature is None else _whole(request, approval_id)


@router.post(
    "/{exam}/proposals/{approval_id}/refuse", response=ApprovalWholeOut, operation_id="approvals_refuse"
)
@office_api(SIGN)
def refuse(request: Request, exam: str, approval_id: Id, body: ReasonIn) -> object:
    """The proposal ends, for this reason."""
    _whole(request, approval_id)
    services.refuse(
        proposal_id=approval_id,
        reason=body.reason,
        by=actor(request),
        at=now(request.exam),
    )
    return _whole(request, approval_id)


@router.post(
    "/{exam}/proposals/{approval_id}/withdraw", response=ApprovalWholeOut, operation_id="approvals_withdraw"
)
@office_api(SIGN)
def withdraw(request: Request, exam: str, approval_id: Id, body: ReasonIn) -> object:
    """The proposer ends the own proposal."""
    _whole(request, approval_id)
    services.withdraw(
        proposal_id=approval_id,
        reason=body.reason,
        by=actor(request),
        at=now(request.exam),
    )
    return _whole(request, approval_id)


def _unproved() -> HttpResponse:
    """Said without raising: the wrong try stays counted."""
    reason = {"rule": "", "field": "code", "text": str(WRONG)}
    body = {"type": "about:blank", "title": str(NOT_SIGNED), "status": 422, "reasons": [reason]}
    return JsonResponse(body, status=422, content_type="application/problem+json")


def _out(row: queries.Proposal, at: datetime) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "subject": row.subject,
        "office_path": row.office_path,
        "content_hash": row.content_hash,
        "title": str(row.content.title),
        "state": queries.state_at(row, at),
        "proposed_at": row.proposed_at,
        "expires_at": row.expires_at,
    }


def _whole(request: Request, approval_id: int) -> dict[str, Any]:
    at = now(request.exam)
    seen = queries.proposal(approval_id, viewer=actor(request), at=at)
    if seen.proposal.exam is not None and seen.proposal.exam != request.exam:
        raise NotPermitted(hidden=True)
    signatures = [
        {"name": s.signer_name, "what": s.need.what, "signed_at": s.signed_at} for s in seen.signatures
    ]
    return {
        **_out(seen.proposal, at),
        "seen_hash": seen.proposal.seen_hash,
        "content": seen.proposal.content.plain(),
        "signatures": signatures,
        "missing": [{"what": m.what, "at_path": m.at_path, "count": m.count} for m in seen.missing],
    }
