"""What waits for one's signature, what one proposed and signed, and one proposal as it is signed."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.approvals import effects, queries, services
from keju.kernel.approvals.forms import WRONG, ReasonForm, SignForm
from keju.kernel.approvals.naming import STATES, whose
from keju.kernel.approvals.queries import Standing
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, by_place
from keju.rulebook.words import Words, t

SIGN = "approvals:proposal:sign"
SHOWN = {
    "waiting": t("待我签署", "Waiting for me"),
    "proposed": t("本单位提请", "Proposed by us"),
    "signed": t("我已签署", "Signed by me"),
}
PAGE = 50
SIGNED = t(
    "已签署，留下了签署时间和内容指纹。", "Signed; the moment and the fingerprint of the content are kept."
)
CARRIED_OUT = t("签字已齐，提请获得批准。", "All signatures are there; it is approved.")


@require_GET
@office_page(SIGN)
def listing(request: Request) -> HttpResponse:
    viewer, at = actor(request), now(request.exam)
    shown = request.GET.get("show", "waiting")
    shown = shown if shown in SHOWN else "waiting"
    start = after_of(request)
    if shown == "waiting":
        every = queries.inbox(viewer=viewer, exam=request.exam, at=at)
    elif shown == "proposed":
        every = queries.proposed(viewer=viewer, exam=request.exam)
    else:
        every = queries.signed(viewer=viewer, exam=request.exam)
    found = list(every[start : start + PAGE])
    rows = [
        {"row": row, "title": row.content.title, "kind": effects.title(row.kind), "state": _state(row, at)}
        for row in found
    ]
    facts = {"rows": rows, "page": by_place(start, len(rows), every.count()), "shown": shown}
    return render(request, "approvals/list.html", {**facts, "tabs": SHOWN.items()})


@require_GET
@office_page(SIGN)
def proposal(request: Request, approval_id: int) -> HttpResponse:
    return _page(request, _seen(request, approval_id))


@require_POST
@office_page(SIGN)
def sign(request: Request, approval_id: int) -> HttpResponse:
    seen = _seen(request, approval_id)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, seen, sign_form=form)
    signature = services.sign(
        proposal_id=approval_id, **form.cleaned_data, by=actor(request), at=now(request.exam)
    )
    if signature is None:
        form.add_error("code", str(WRONG))
        return _page(request, seen, sign_form=form)
    complete = not _seen(request, approval_id).is_open
    messages.success(request, str(CARRIED_OUT if complete else SIGNED))
    return redirect("approvals-proposal", request.exam.slug, approval_id)


@require_POST
@office_page(SIGN)
def refuse(request: Request, approval_id: int) -> HttpResponse:
    return _ended(
        request,
        approval_id,
        services.refuse,
        t("已退回，提请人会看到理由。", "Refused; the proposer sees why."),
    )


@require_POST
@office_page(SIGN)
def withdraw(request: Request, approval_id: int) -> HttpResponse:
    return _ended(request, approval_id, services.withdraw, t("提请已撤回。", "The proposal is withdrawn."))


@require_GET
@office_page(SIGN)
def badge(request: Request) -> HttpResponse:
    waiting = queries.inbox(viewer=actor(request), exam=request.exam, at=now(request.exam)).count()
    return render(request, "approvals/badge.html", {"waiting": waiting})


def _ended(request: Request, approval_id: int, service: Callable[..., None], said: Words) -> HttpResponse:
    seen = _seen(request, approval_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, seen, reason_form=form)
    service(
        proposal_id=approval_id,
        reason=form.cleaned_data["reason"],
        by=actor(request),
        at=now(request.exam),
    )
    messages.success(request, str(said))
    return redirect("approvals-proposal", request.exam.slug, approval_id)


def _seen(request: Request, approval_id: int) -> Standing:
    seen = queries.proposal(approval_id, viewer=actor(request), at=now(request.exam))
    if seen.proposal.exam is not None and seen.proposal.exam != request.exam:
        raise NotPermitted(hidden=True)
    return seen


def _page(
    request: Request,
    seen: Standing,
    *,
    sign_form: SignForm | None = None,
    reason_form: ReasonForm | None = None,
) -> HttpResponse:
    viewer, row = actor(request), seen.proposal
    slot = queries.slot_of(viewer, seen)
    is_living = seen.is_open or seen.is_approved
    context = {
        "seen": seen,
        "row": row,
        "content": row.content,
        "kind": effects.title(row.kind),
        "state": _state(row, now(request.exam)),
        "place": _place(request, seen),
        "slot": whose(slot.what, request.exam) if slot else None,
        "missing": [(whose(m.what, request.exam), m.at_path, m.count) for m in seen.missing],
        "signatures": [(s, whose(s.need.what, request.exam)) for s in seen.signatures],
        "sign_form": (sign_form or SignForm(initial={"content_hash": row.content_hash})) if slot else None,
        "is_mine": row.proposed_by == viewer.ref,
        "reason_form": reason_form or ReasonForm(),
        "may_withdraw": is_living and row.proposed_by == viewer.ref,
        "may_refuse": is_living and queries.may_refuse(viewer, row),
    }
    bad = (sign_form is not None and sign_form.errors) or (reason_form is not None and reason_form.errors)
    answer = render(request, "approvals/proposal.html", context, status=422 if bad else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _place(request: Request, seen: Standing) -> str:
    """Where the thing itself can be looked at."""
    content = seen.proposal.content
    try:
        return reverse(content.place, kwargs={"exam": request.exam.slug, **content.place_args})
    except NoReverseMatch:
        return ""


def _state(row: queries.Proposal, at: object) -> tuple[str, Words]:
    return STATES[queries.state_at(row, at)]  # type: ignore[arg-type]
