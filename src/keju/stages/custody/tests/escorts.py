"""People appointed and trained to go along with papers, and plans for the tests of journeys and cases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.services import issue_signing_codes
from keju.kernel.approvals.models import Proposal
from keju.kernel.exams.clearing import NewClearance, clear
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.custody import services
from keju.stages.custody.models import Container, Journey
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.journeys import Crew, Duty, Leg, Mode, Plan, Vehicle
from keju.stages.custody.services import journey_approval, underway
from keju.stages.custody.services.journey_approval import submit
from keju.stages.custody.services.journeys import NewJourney, plan_journeys
from keju.stages.custody.services.underway import Departure
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, REGION_PAPERS, key
from keju.stages.staffing.models import Appointment, Member
from keju.stages.staffing.tests import crowd
from keju.stages.venues.tests.year import AT, SYSTEM

LEAVES = AT + timedelta(days=74)  # the second day before the exam, in the morning
ARRIVES = LEAVES + timedelta(hours=5)
MODULES = ("management", "discipline", "invigilation")


def escorts(
    exam: Exam,
    count: int,
    *,
    post: str = "region_paper_escort",
    code: str = "13",
    path: str = "/13/",
    first: int = 0,
    modules: Sequence[str] = MODULES,
) -> list[int]:
    """So many people in force in the post, trained; person ids."""
    with acting(SYSTEM):
        found = crowd.members(count, first=5000 + first, home=path)
        Appointment.objects.bulk_create(
            Appointment(
                exam=exam, member=m, post=post, office_path=path, office_code=code, state="accepted", answered="paper",
                made_by="test", made_at=AT, decided_at=AT,
            )
            for m in found
        )  # fmt: skip
        passed = [NewClearance(m.person_id, path, module, "test") for m in found for module in modules]
        if passed:
            clear(exam=exam, passed=passed, by=SYSTEM, at=AT)
        return [m.person_id for m in found]


def member_of(person_id: int) -> Member:
    return Member.objects.get(person_id=person_id)


def codes(person_id: int, count: int = 5) -> list[str]:
    """Signing codes that nobody else has seen."""
    with acting(SYSTEM):
        return issue_signing_codes(person_id=person_id, count=count, by=SYSTEM, at=AT)


def someone(name: str = "王一", path: str = "/13/") -> int:
    """A person who answers for papers at an end."""
    with acting(SYSTEM):
        return Person.objects.create(name=name, office_path=path).pk


def crew(people: Sequence[int], vehicle: int = 1) -> list[Crew]:
    """The first leads, the others escort, all in one vehicle."""
    return [Crew(p, Duty.ESCORT if n else Duty.LEADER, vehicle) for n, p in enumerate(people)]


def road(people: Sequence[int], **facts: Any) -> Plan:
    """By one closed van from the region's store to the point's, in time."""
    plan = Plan(
        leg=Leg.TO_POINT, mode=Mode.ROAD, depart_at=LEAVES, arrive_at=ARRIVES, to_place="store:1",
        responsible_id=someone(), receiver_id=someone("李二", "/13/1301/"), route="京港澳高速转学府路",
        conditions="防水布袋，20公斤一箱", road="路况良好，多云", vehicles=[Vehicle("冀A00001")], crew=crew(people),
    )  # fmt: skip
    return replace(plan, **facts)


def planned(
    exam: Exam, *plans: Plan, by: Actor = REGION_PAPERS, ends: tuple[str, str] = ("13", "1301")
) -> list[Journey]:
    with acting(by):
        return plan_journeys(exam=exam, journeys=[NewJourney(*ends, plan) for plan in plans], by=by, at=AT)


def settled(exam: Exam, plan: Plan, by: Actor = REGION_PAPERS) -> Journey:
    (row,) = planned(exam, plan, by=by)
    with acting(by):
        return submit(exam=exam, journey_ids=[row.pk], by=by, at=AT)[0]


def load(exam: Exam, made: list[Container], journey_id: int, at: datetime = LEAVES) -> int:
    """The box stands on the journey, without the formalities of a handover; its id."""
    box = next(c.pk for c in made if c.kind == Kind.BOX)
    there = Change(place=f"journey:{journey_id}", place_path="/13/", custodian="13")
    with acting(CENTRE_PAPERS):
        services.carry_out(
            exam=exam, key=key(f"load {journey_id}"), act=Act.HANDED_OVER, changes={box: there}, office_path="/13/",
            subject=f"journey:{journey_id}", by=CENTRE_PAPERS, at=max(at, MADE_AT),
        )  # fmt: skip
    return box


def against(refused: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    """The codes by which a journey is refused."""
    return {r.code.removeprefix("custody_journey_") for r in refused.value.refusals}


def submitted(exam: Exam, row: Journey, by: Actor = REGION_PAPERS, **facts: Any) -> Journey:
    with acting(by):
        return journey_approval.submit(exam=exam, journey_ids=[row.pk], by=by, at=AT, **facts)[0]


def gone(
    exam: Exam,
    row: Journey,
    name: str = "depart",
    attested: Any = ("no_others", "watched", "fit"),
    **facts: Any,
) -> Journey:
    with acting(REGION_PAPERS):
        leaving = [Departure(row.pk, key(name), attested)]
        return underway.depart(exam=exam, departures=leaving, by=REGION_PAPERS, at=LEAVES, **facts)[0]


def needs() -> tuple[Proposal, list[tuple[str, str]]]:
    """The plan that waits, and whose signatures it needs."""
    with acting(SYSTEM):
        row = Proposal.objects.get(kind=journey_approval.KIND)
        return row, list(row.needs.values_list("what", "at_path"))
