"""Versions of who could host: found by the solver, or made by hand. All are kept (V6.1)."""

from collections.abc import Mapping
from datetime import datetime
from zlib import crc32

from django.db import connection

from keju.algorithms.siting import Impossible, OutOfTime, Siting, Wishes
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.venues import events, queries, rules
from keju.stages.venues.models import HostProposal
from keju.stages.venues.rules import Question

MAY_DECIDE = "venues:host:decide"
AT_ONCE = 2.0
"""Seconds that a page waits: every province is solved in a tenth of that, and whoever wants more starts a job."""
AT_LENGTH = 60.0


def propose_hosts(
    *,
    exam: Exam,
    region_code: str,
    wishes: Wishes | None = None,
    seats: Mapping[str, int] | None = None,
    seconds: float = AT_ONCE,
    by: Actor,
    at: datetime,
) -> HostProposal:
    """A new version is kept: the cheapest assignment for the confirmed candidates of now, with its proven bound.

    `wishes`: points that must host, must not, or are sent to a host; `seats`: places at points where they are known. Refused
    if these contradict each other, or nothing fits, or nothing was found in `seconds`.
    """
    question = ask_hosts(exam=exam, region_code=region_code, wishes=wishes, seats=seats, by=by)
    found = solved(question, seconds)
    return keep_proposal(exam=exam, region_code=region_code, question=question, found=found, by=by, at=at)


def ask_hosts(
    *, exam: Exam, region_code: str, wishes: Wishes | None, seats: Mapping[str, int] | None, by: Actor
) -> Question:
    """The question for the candidates of now, refused where what is settled contradicts itself. Nothing is written."""
    own(by, region_code)
    question = queries.question(exam, region_code, wishes=wishes, seats=seats)
    enforce(rules.check_question(question))
    return question


def solved(question: Question, seconds: float) -> Siting:
    """The solver's answer, or why there is none, as a refusal. Nothing is written."""
    try:
        return rules.propose_hosts(question, seconds=seconds)
    except Impossible as none:
        raise RuleRefused(tuple(rules.impossible(none))) from none
    except OutOfTime as late:
        raise RuleRefused((Refusal("V6.1", "venues_no_time", {"seconds": round(seconds)}),)) from late


@write(MAY_DECIDE)
def keep_hosts(
    *,
    exam: Exam,
    region_code: str,
    assignment: Mapping[str, str],
    note: str = "",
    by: Actor,
    at: datetime,
) -> HostProposal:
    """An assignment made by hand is kept as a version, to be compared and perhaps decided. Refused where it could not be
    decided, except for small hosts."""
    own(by, region_code)
    hold(exam, region_code)
    question = queries.question(exam, region_code)
    terms = question.terms
    found = rules.check_hosts(assignment, question.counts, list(question.counts), terms.minimum, terms.most)
    enforce([r for r in found if r.strength == "must"])
    row = _row(exam, region_code, question, assignment, by, at, by_hand=True, note=note)
    record(
        events.HOSTS_KEPT,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V6.1"],
        data={"version": row.version, "km": row.km, "hosts": row.hosts, "small": row.small},
    )
    return row


@write(MAY_DECIDE)
def keep_proposal(
    *, exam: Exam, region_code: str, question: Question, found: Siting, by: Actor, at: datetime
) -> HostProposal:
    """What was found for the question is the region's next version."""
    own(by, region_code)
    hold(exam, region_code)
    row = _row(exam, region_code, question, found.host, by, at, bound=found.bound)
    record(
        events.HOSTS_PROPOSED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V6.1", "V7.2"],
        data={
            "version": row.version,
            "km": row.km,
            "hosts": row.hosts,
            "small": row.small,
            "weighed": row.weighed,
            "bound": row.bound,
        },
    )
    return row


def _row(
    exam: Exam,
    region_code: str,
    question: Question,
    assignment: Mapping[str, str],
    by: Actor,
    at: datetime,
    *,
    by_hand: bool = False,
    bound: int | None = None,
    note: str = "",
) -> HostProposal:
    costs = rules.costs_of(question, assignment)
    last = queries.proposals(exam, region_code).first()
    return HostProposal.objects.create(
        exam=exam,
        office_path=path_of(region_code),
        region_code=region_code,
        version=last.version + 1 if last else 1,
        by_hand=by_hand,
        counts={p: n for p, n in question.counts.items() if n},
        seats=question.seats,
        terms=queries.plain_terms(question.terms),
        wishes=queries.plain_wishes(question.wishes),
        assignment=dict(sorted(assignment.items())),
        km=costs.km,
        hosts=len(costs.hosts),
        small=len(costs.small),
        weighed=costs.weighed,
        bound=bound,
        note=note,
        made_by=by.ref,
        made_at=at,
    )


def hold(exam: Exam, region_code: str) -> None:
    """One act of a region about its hosts at a time, the first one too, when there is no row yet to hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [crc32(f"keju/venues/{exam.pk}/{region_code}".encode())]
        )


def own(by: Actor, region_code: str) -> None:
    if not path_of(region_code).startswith(by.office_path or "-"):
        raise NotPermitted(MAY_DECIDE, hidden=True)
