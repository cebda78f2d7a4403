"""Computing scores, and freezing them by two administrators."""

from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.marking import events, queries, rules
from keju.stages.marking.models import Freeze, FreezeProposal, Run
from keju.stages.marking.services import linking
from keju.stages.marking.services.locking import for_scores


@write("marking:score:run")
def run_scores(*, exam: Exam, by: Actor, at: datetime) -> Run:
    """Every candidate with a card has points in every subject, computed from cards, decisions and confirmed keys."""
    for_scores(exam)
    enforce(queries.blocking(exam))
    keys = queries.keys(exam)
    scores = [
        line
        for s in exams.sessions(exam)
        for line in queries.score_session(exam, s.number, rules.unpack(keys[s.number].answers))
    ]
    run = Run.objects.create(
        exam=exam,
        readings_digest=queries.readings_digest(exam),
        keys={str(number): key.version for number, key in keys.items()},
        scoring_version=rules.SCORING_VERSION,
        scores_digest=rules.scores_digest(scores),
        candidates=len({registration for registration, _, _ in scores}),
        by=by.ref,
        at=at,
    )
    insert_rows(
        "marking_score",
        ["run_id", "office_path", "registration_id", "subject", "points"],
        ((run.pk, "/", registration, subject, value) for registration, subject, value in scores),
    )
    record(
        events.SCORED,
        by=by,
        at=at,
        subject=f"run:{run.pk}",
        exam=exam.slug,
        office_path="/",
        rules=["V17.1.0"],
        data={
            "readings": run.readings_digest,
            "keys": run.keys,
            "scores": run.scores_digest,
            "candidates": run.candidates,
            "scoring": rules.SCORING_VERSION,
        },
    )
    return run


@write("marking:score:freeze")
def propose_freeze(*, exam: Exam, run_id: int, by: Actor, at: datetime) -> FreezeProposal:
    """The data administrator asks to freeze this run, bound to the digest of what was seen. `Stale` if asked already."""
    for_scores(exam)
    run = _current(exam, run_id)
    if FreezeProposal.objects.filter(run=run).exists():
        raise Stale
    proposal = FreezeProposal.objects.create(run=run, scores_digest=run.scores_digest, by=by.ref, at=at)
    _record(events.FREEZE_PROPOSED, run, by, at)
    return proposal


@write("marking:score:countersign")
def freeze(*, exam: Exam, run_id: int, seen_digest: str, by: Actor, at: datetime) -> Freeze:
    """The scores are frozen for ever: the system administrator countersigned exactly what was proposed (V17.1.2).

    Before that every row is compared with what cards, decisions and keys give once more.
    """
    for_scores(exam)
    run = _current(exam, run_id)
    proposal = FreezeProposal.objects.filter(run=run).first()
    if proposal is None or proposal.scores_digest != seen_digest:
        raise Stale
    enforce(rules.check_two_administrators(proposal.by, by.ref))
    digests = {rules.scores_digest(queries.scores(run)), rules.scores_digest(queries.recompute(exam, run))}
    if digests != {seen_digest}:
        raise RuleRefused([Refusal("V17.1.1", "marking_altered")])
    frozen = Freeze.objects.create(
        exam=exam,
        run=run,
        scores_digest=seen_digest,
        data_administrator=proposal.by,
        system_administrator=by.ref,
        at=at,
    )
    _record(events.FROZEN, run, by, at)
    return frozen


@write("marking:score:read")
def view_scores(
    *, exam: Exam, run_id: int, ticket_numbers: list[str], by: Actor, at: datetime
) -> dict[str, dict[str, int]]:
    """Points per subject by ticket, for somebody who scores; that they looked stands in the log (V17.1.3)."""
    run = queries.run(viewer=by, exam=exam, run_id=run_id)
    known = linking.registrations_of(exam, ticket_numbers)
    points = queries.scores_of(viewer=by, run=run, registration_ids=known.values())
    record(
        events.SCORES_VIEWED,
        by=by,
        at=at,
        subject=f"run:{run.pk}",
        exam=exam.slug,
        office_path="/",
        rules=["V17.1.3"],
        data={"tickets": sorted(known)},
    )
    return {number: points.get(registration, {}) for number, registration in known.items()}


def _current(exam: Exam, run_id: int) -> Run:
    """The run, if nothing it was computed from has changed since."""
    run = Run.objects.get(exam=exam, pk=run_id)
    keys = {str(number): key.version for number, key in queries.keys(exam).items()}
    if run.keys != keys or run.readings_digest != queries.readings_digest(exam):
        raise RuleRefused([Refusal("V17.1.1", "marking_not_current")])
    enforce(queries.blocking(exam))
    return run


def _record(kind: str, run: Run, by: Actor, at: datetime) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"run:{run.pk}",
        exam=run.exam.slug,
        office_path="/",
        rules=["V17.1.1", "V17.1.2"],
        data={"scores": run.scores_digest, "candidates": run.candidates},
    )
