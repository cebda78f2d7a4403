"""The passing line: the office proposes with what it would mean, the committee votes and decides (V1.1, V1.2, V17.3)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.marking import queries as marking
from keju.stages.results import events, queries, rules
from keju.stages.results.models import Decision, Proposal, Vote
from keju.stages.results.params import Params


@write("results:line:propose")
def propose_line(*, exam: Exam, lines: rules.Lines, reason: str, by: Actor, at: datetime) -> Proposal:
    """The committee has the proposal with what it would mean, computed from the frozen scores. It replaces earlier ones."""
    freeze = marking.frozen(exam)
    if freeze is None:
        raise RuleRefused([Refusal("V17.1.3", "results_not_frozen")])
    if queries.decision(exam):
        raise RuleRefused([Refusal("V17.3", "results_decided_already")])
    programme = exams.programme(exam)
    levels = [level.code for level in programme.levels]
    enforce(rules.check_lines(lines, [c.code for c in programme.categories], levels, queries.highest(exam)))
    if not reason.strip():
        raise RuleRefused([Refusal("V1.2", "results_no_reason", field="reason")])
    found = rules.impact(queries.totals(exam), lines, levels)
    digest = rules.proposal_digest(freeze.scores_digest, lines, found)
    proposal = Proposal.objects.create(
        exam=exam,
        lines=rules.plain_lines(lines),
        impact=found,
        scores_digest=freeze.scores_digest,
        digest=digest,
        reason=reason.strip()[:1000],
        proposed_by=by.ref,
        proposed_at=at,
    )
    _event(events.LINE_PROPOSED, exam, proposal, by, at, ["V1.2", "V17.3"], impact=found)
    return proposal


@write("results:line:decide")
def vote(*, exam: Exam, proposal_id: int, approve: bool, by: Actor, at: datetime, seen: str = "") -> Vote:
    """The member's vote stands, bound to the hash of the proposal. `seen`: that hash as it stood on the screen."""
    proposal = Proposal.objects.get(exam=exam, pk=proposal_id)
    if seen and seen != proposal.digest:
        raise Stale
    enforce(
        rules.check_vote(
            proposal.proposed_by,
            by.ref,
            already=Vote.objects.filter(proposal=proposal, by=by.ref).exists(),
            superseded=queries.latest_proposal(exam) != proposal,
            decided=queries.decision(exam) is not None,
        )
    )
    try:
        with transaction.atomic():
            cast = Vote.objects.create(
                proposal=proposal,
                approve=approve,
                digest=proposal.digest,
                by=by.ref,
                proposed_by=proposal.proposed_by,
                at=at,
            )
    except IntegrityError as error:  # the same member clicked twice at once
        raise RuleRefused([Refusal("V17.3", "results_voted_already")]) from error
    _event(events.LINE_VOTED, exam, proposal, by, at, ["V1.1", "V17.3"], approve=approve)
    return cast


@write("results:line:decide")
def decide_line(*, exam: Exam, proposal_id: int, by: Actor, at: datetime) -> Decision:
    """The passing line is decided for ever, as the quorum approved it, on exactly the scores it was computed from."""
    if queries.decision(exam):
        raise RuleRefused([Refusal("V17.3", "results_decided_already")])
    proposal = Proposal.objects.get(exam=exam, pk=proposal_id)
    enforce(queries.why_not_decide(viewer=by, exam=exam, proposal=proposal))
    freeze = marking.frozen(exam)
    lines = rules.lines_of(proposal.lines)
    recomputed = rules.proposal_digest(proposal.scores_digest, lines, proposal.impact)
    if freeze is None or freeze.scores_digest != proposal.scores_digest or recomputed != proposal.digest:
        raise RuleRefused([Refusal("V17.3", "results_other_scores")])
    approvals, refusals = queries.votes(proposal)
    try:
        with transaction.atomic():
            decided = Decision.objects.create(
                exam=exam,
                proposal=proposal,
                lines=proposal.lines,
                scores_digest=proposal.scores_digest,
                digest=proposal.digest,
                approvals=approvals,
                refusals=refusals,
                decided_by=by.ref,
                decided_at=at,
            )
    except IntegrityError as error:
        raise RuleRefused([Refusal("V17.3", "results_decided_already")]) from error
    duties.reach(exam=exam, key="line_decided", when=at, by=by, at=at)
    _event(
        events.LINE_DECIDED,
        exam,
        proposal,
        by,
        at,
        ["V1.1", "V17.3"],
        approvals=approvals,
        refusals=refusals,
        quorum=exams.params(exam, Params).quorum,
    )
    return decided


def _event(
    kind: str, exam: Exam, proposal: Proposal, by: Actor, at: datetime, clauses: list[str], **data: object
) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"line:{proposal.pk}",
        exam=exam.slug,
        office_path="/",
        rules=clauses,
        data={"lines": proposal.lines, "scores": proposal.scores_digest, "digest": proposal.digest, **data},
    )
