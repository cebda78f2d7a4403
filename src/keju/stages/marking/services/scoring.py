"""Computing scores, and freezing them by two administrators."""

from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.bulk import insert_rows
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.marking import events, queries, rules
from keju.stages.marking.models import Freeze, FreezeProposal, Run


@write("marking:score:run")
def run_scores(*, exam: Exam, by: Actor, at: datetime) -> Run:
    """Every candidate with a card has points in every subject, computed from cards, decisions and confirmed keys."""
    if queries.frozen(exam):
        raise RuleRefused([Refusal("V17.1.1", "marking_frozen")])
    keys = queries.keys(exam)
    sessions = exams.sessions(exam)
    enforce(
        Refusal("V17.1.0", "marking_no_key", {"session": s.number}) for s in sessions if s.number not in keys
    )
    enforce(
        rules.check_ready_to_score(
            queries.open_doubts(exam), queries.unread(exam), len(queries.disagreements(viewer=by, exam=exam))
        )
    )
    scores = [
        line
        for s in sessions
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
    """The data administrator asks to freeze this run, bound to the digest of what was seen."""
    run = _current(exam, run_id)
    proposal = FreezeProposal.objects.create(run=run, scores_digest=run.scores_digest, by=by.ref, at=at)
    _record(events.FREEZE_PROPOSED, run, by, at)
    return proposal


@write("marking:score:countersign")
def freeze(*, exam: Exam, run_id: int, seen_digest: str, by: Actor, at: datetime) -> Freeze:
    """The scores are frozen for ever: the system administrator countersigned exactly what was proposed (V17.1.2)."""
    run = _current(exam, run_id)
    proposal = FreezeProposal.objects.filter(run=run).first()
    if proposal is None or proposal.scores_digest != seen_digest:
        raise Stale
    enforce(rules.check_two_administrators(proposal.by, by.ref))
    if rules.scores_digest(queries.scores(run)) != seen_digest:
        raise RuleRefused([Refusal("V17.1.1", "marking_not_current")])
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


def _current(exam: Exam, run_id: int) -> Run:
    """The run, if nothing it was computed from has changed since."""
    if queries.frozen(exam):
        raise RuleRefused([Refusal("V17.1.1", "marking_frozen")])
    run = Run.objects.get(exam=exam, pk=run_id)
    keys = {str(number): key.version for number, key in queries.keys(exam).items()}
    if run.keys != keys or run.readings_digest != queries.readings_digest(exam):
        raise RuleRefused([Refusal("V17.1.1", "marking_not_current")])
    return run


def _record(kind: str, run: Run, by: Actor, at: datetime) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"run:{run.pk}",
        exam=run.exam.slug,
        rules=["V17.1.1", "V17.1.2"],
        data={"scores": run.scores_digest, "candidates": run.candidates},
    )
