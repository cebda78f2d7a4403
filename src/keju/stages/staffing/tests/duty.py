"""Rosters of the hosts' world: duty officers in force, rosters opened, filled and looked at."""

from datetime import datetime, timedelta

import pytest

from keju.kernel.calendar import CHINA
from keju.kernel.exams.clearing import NewClearance
from keju.kernel.exams.clearing import clear as clear_rows
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused, load_programme
from keju.stages.staffing.models import Member, Roster
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.services import rosters as services
from keju.stages.staffing.services.rosters import Change, NewShift
from keju.stages.staffing.tests import world

AT, POINT, OTHER = world.AT, world.POINT, world.OTHER


EVE = datetime(2011, 10, 15, 15, 0, tzinfo=CHINA)


def hour(n: float) -> datetime:
    """So many hours after duty begins."""
    return EVE + timedelta(hours=n)


def officers(exam: Exam, count: int, office: str = "1301", first: int = 1, **facts: object) -> list[int]:
    """So many duty officers of a point, in force."""
    by = POINT if office == "1301" else OTHER
    members = world.people(count, by=by, first=first, **facts)
    posted(exam, "duty_officer", members, by, office)
    return members


def posted(
    exam: Exam, post: str, members: list[int], by: Actor = POINT, office: str = "1301", **facts: object
) -> None:
    """They have accepted the post and passed whatever it asks for."""
    world.accepted(exam, world.appoint(exam, post, members, by=by, office=office, **facts))
    trained(exam, members)


def trained(exam: Exam, members: list[int]) -> None:
    with acting(world.SYSTEM):
        people = Member.objects.filter(pk__in=members).values_list("person_id", flat=True)
        passed = [
            NewClearance(person, "/13/1301/", m.code, "test")
            for person in people
            for m in load_programme(exam.programme).teaching.modules
        ]
        clear_rows(exam=exam, passed=passed, by=world.SYSTEM, at=AT)


def opened(exam: Exam, kind: str = "duty", office: str = "1301", by: Actor = POINT) -> Roster:
    with acting(by):
        return services.open_rosters(exam=exam, kind=kind, office_codes=[office], by=by, at=AT)[0]


def put(exam: Exam, roster: Roster, *shifts: NewShift, by: Actor = POINT, **facts: object) -> int:
    change = Change(roster.pk, shifts, **facts)  # type: ignore[arg-type]
    with acting(by):
        return services.change_rosters(exam=exam, changes=[change], by=by, at=AT)


def refused(exam: Exam, roster: Roster, *shifts: NewShift, by: Actor = POINT) -> set[str]:
    with pytest.raises(RuleRefused) as caught:
        put(exam, roster, *shifts, by=by)
    return {r.code for r in caught.value.refusals}


def made(exam: Exam, roster: Roster) -> queries.Made:
    with acting(POINT):
        return queries.detail(exam, roster.pk, viewer=POINT)


def complete(exam: Exam, count: int = 4, office: str = "1301", first: int = 1) -> Roster:
    """The office's duty roster, proposed."""
    officers(exam, count, office, first)
    by = POINT if office == "1301" else OTHER
    roster = opened(exam, office=office, by=by)
    with acting(by):
        services.take_proposals(exam=exam, roster_ids=[roster.pk], seed=1, afresh=True, by=by, at=AT)
    return roster
