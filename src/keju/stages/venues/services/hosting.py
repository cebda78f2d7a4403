"""The region decides which points host (V6.1, V6.2)."""

from collections.abc import Mapping
from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of, points
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.venues import events, queries, rules
from keju.stages.venues.models import Assignment, HostDecision, HostProposal
from keju.stages.venues.rules import Question
from keju.stages.venues.services.proposing import MAY_DECIDE, hold, own, propose_hosts
from keju.stages.venues.services.telling import Told, tell

NO_LONGER = t("不再是承考考点。", "No longer a host point.")
NO_HOST = t("不是承考考点。", "Not a host point.")


@write(MAY_DECIDE)
def decide_hosts(
    *,
    exam: Exam,
    region_code: str,
    assignment: Mapping[str, str],
    reason: str = "",
    expected_version: int | None = None,
    proposal: int | None = None,
    by: Actor,
    at: datetime,
) -> HostDecision:
    """The region's hosts are these; hosts and the points assigned to them are notified, the duty of V6.2 is done.

    `reason` is needed where a host stays below the minimum. `expected_version` (0 for none yet) is what the page
    showed: `Stale` if somebody decided since. `proposal` is the version that it rests on; without one the solver's newest
    for the candidates of now, which is made if there is none: what was proposed, what was changed and what is decided are
    kept together. A later decision supersedes this one until tickets are opened; then those are told whose host or
    whose guests changed, and the terms of the others stand. Where the only hosts that had not reported host no more, all
    are reported and the term of V7.1 begins.
    """
    own(by, region_code)
    hold(exam, region_code)
    former = (
        HostDecision.objects.select_for_update()
        .filter(exam=exam, region_code=region_code, superseded_at=None)
        .first()
    )
    if expected_version is not None and expected_version != (former.version if former else 0):
        raise Stale
    question = queries.question(exam, region_code)
    terms = question.terms
    enforce(rules.check_tickets_closed(queries.tickets_opened(exam, region_code) is not None))
    overridden = enforce(
        rules.check_hosts(assignment, question.counts, list(question.counts), terms.minimum, terms.most),
        reason=reason,
        may_override=by.may(MAY_DECIDE),
    )
    based_on, proposed = _basis(exam, region_code, question, proposal, by, at)
    before, waiting = queries.assignment(exam, region_code), queries.unreported_hosts(exam, region_code)
    decision = _write(
        exam, question, assignment, former, based_on, proposed, reason if overridden else "", by, at
    )
    told = tell(exam, before, assignment, by, at)
    _duties(exam, assignment, told, decision, by, at)
    if waiting and not queries.unreported_hosts(exam, region_code):
        path = path_of(region_code)
        duties.reach(exam=exam, key="sites_reported", when=at, office_path=path, by=by, at=at)
    costs = rules.costs_of(question, assignment)
    record(
        events.HOSTS_DECIDED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V6.1", "V6.2"],
        data={
            "version": decision.version,
            "proposal": based_on.version,
            "assignment": dict(assignment),
            "changed": {p: h for p, h in assignment.items() if decision.proposal.get(p) != h},
            "below_minimum": [r.facts["host"] for r in overridden],
            "km": costs.km,
            "reason": decision.reason,
            "told": [*told.hosts, *told.guests, *told.gone],
        },
    )
    return decision


def _basis(
    exam: Exam, region_code: str, question: Question, version: int | None, by: Actor, at: datetime
) -> tuple[HostProposal, HostProposal]:
    """The version that a decision rests on, and what the solver proposed: the same, unless it rests on one by hand."""
    newest = queries.proposal(exam, region_code)
    if version is None:
        if newest is None or not queries.is_current(newest, question):
            newest = propose_hosts(exam=exam, region_code=region_code, by=by, at=at)
        return newest, newest
    found = queries.proposal(exam, region_code, version)
    if found is None:
        raise RuleRefused((Refusal("V6.1", "venues_proposal_gone", {"version": version}, field="proposal"),))
    return found, newest if found.by_hand and newest else found


def _write(
    exam: Exam,
    question: Question,
    assignment: Mapping[str, str],
    former: HostDecision | None,
    based_on: HostProposal,
    proposed: HostProposal,
    reason: str,
    by: Actor,
    at: datetime,
) -> HostDecision:
    if former is not None:
        HostDecision.objects.filter(pk=former.pk).update(superseded_at=at)
        Assignment.objects.filter(decision=former).update(current=False)
    decision = HostDecision.objects.create(
        exam=exam,
        region_code=based_on.region_code,
        office_path=based_on.office_path,
        version=former.version + 1 if former else 1,
        proposal=proposed.assignment,
        based_on=based_on,
        minimum=question.terms.minimum,
        reason=reason,
        decided_by=by.ref,
        decided_at=at,
    )
    counts = question.counts
    Assignment.objects.bulk_create(
        Assignment(
            decision=decision,
            exam=exam,
            office_path=path_of(point),
            point_code=point,
            host_code=host,
            candidates=counts.get(point, 0),
        )
        for point, host in sorted(assignment.items())
    )
    return decision


def _duties(
    exam: Exam,
    assignment: Mapping[str, str],
    told: Told,
    decision: HostDecision,
    by: Actor,
    at: datetime,
) -> None:
    region = decision.region_code
    now = set(assignment.values())
    gone = [p.code for p in points(region) if p.code not in now] if decision.version > 1 else []
    if gone:
        duties.withdraw(exam=exam, rule="V6.3", owners=gone, because=str(NO_LONGER), by=by, at=at)
    duties.narrow_to_hosts(
        exam=exam, office_path=path_of(region), hosts=now, because=str(NO_HOST), by=by, at=at
    )
    # Of the host points whom this notice reaches, for the term counts from it: the others owe no site, or since before.
    if told.hosts:
        duties.reach(
            exam=exam,
            key="hosts_decided",
            when=at,
            office_path=path_of(region),
            offices=told.hosts,
            by=by,
            at=at,
        )
    duties.discharge(exam=exam, rule="V6.2", owner=region, evidence=f"decision:{decision.pk}", by=by, at=at)
