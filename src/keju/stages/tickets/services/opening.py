"""The centre opens printing for all candidates at once (V7.3)."""

from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Words, enforce
from keju.rulebook.words import t
from keju.stages.tickets import events, queries, rules
from keju.stages.tickets.models import Opening, Ticket
from keju.stages.tickets.services.numbering import hold

READY = t(
    "准考证已开放打印。请打印准考证，核对姓名、照片、考试时间和地点，考试时与身份证件一并携带。",
    "Your ticket can be printed. Print it, check name, photo, and when and where you sit, and bring it to the exam "
    "together with your identity document.",
)


@dataclass(frozen=True)
class OpeningResult:
    """Regions opened by this call; those that stay closed, with the reason to show."""

    opened: list[str]
    closed: dict[str, Words]


@write("tickets:printing:open")
def open_printing(*, exam: Exam, by: Actor, at: datetime) -> OpeningResult:
    """Candidates of every region that has generated and owes no fees may print, from now on and for good.

    Refused while a region that is not deferred has not generated from its present plans (named). Regions in default
    of V8.2a stay closed; they and deferred ones are opened by a later call. Closes the duty of V7.3.
    """
    for o in exams.openings(exam, "region"):
        hold(exam, o.office_id)
    states = queries.region_states(exam, at)
    enforce(rules.check_opening(states))
    opening = [s.code for s in states if s.ready]
    enforce(rules.check_something_to_open(opening))
    Opening.objects.bulk_create(
        Opening(exam=exam, office_path=path_of(code), region_code=code, opened_by=by.ref, opened_at=at)
        for code in opening
    )
    if exams.milestone(exam, "tickets_opened") is None:
        duties.reach(exam=exam, key="tickets_opened", when=at, by=by, at=at)
    # Each region's own: until it is reached there, the region may still seat and number anew.
    duties.reach(exam=exam, key="tickets_opened", when=at, offices=opening, by=by, at=at)
    duties.discharge(exam=exam, rule="V7.3", owner="centre", evidence=f"regions:{len(opening)}", by=by, at=at)
    for code in opening:
        _tell(exam, code, by, at)
    closed = {s.code: s.default for s in states if s.default is not None and not s.opened}
    record(
        events.OPENED,
        by=by,
        at=at,
        subject=f"exam:{exam.slug}",
        exam=exam.slug,
        office_path="/",
        rules=["V7.3", "V8.2a"],
        data={"opened": opening, "in_default": sorted(closed)},
    )
    return OpeningResult(opening, closed)


def _tell(exam: Exam, region_code: str, by: Actor, at: datetime) -> None:
    """The region speaks to everybody who holds a ticket of it, so that it sees whom the news did not reach."""
    held = Ticket.objects.filter(exam=exam, region_code=region_code, revoked_at=None)
    notices.tell_candidates(
        exam=exam,
        candidate_ids=list(held.order_by("pk").values_list("candidate_id", flat=True)),
        office_path=path_of(region_code),
        kind="tickets.opened",
        words=READY,
        by=by,
        at=at,
    )
