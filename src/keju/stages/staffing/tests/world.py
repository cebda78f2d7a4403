"""A small world for the tests of staff: two hosts of one region with rooms, and people by number."""

from datetime import date

from keju.algorithms.identity import compose
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.staffing import services
from keju.stages.staffing.models import Appointment, Declaration
from keju.stages.staffing.services import NewAppointment, NewMember
from keju.stages.staffing.tests import crowd
from keju.stages.venues.tests import year

AT, SYSTEM = year.AT, year.SYSTEM
CENTRE = year.staff("centre_exam", "centre")
COMMITTEE = year.staff("committee_member", "committee")
REGION = year.staff("region_officer", "13")
POINT = year.staff("point_manager", "1301")
OTHER = year.staff("point_manager", "1302")
FOREIGN = year.staff("region_officer", "11")
SITE = "1301-01"


def identity(number: int) -> str:
    """The identity number of the `number`-th: odd ones are men."""
    return compose("130102", date(1960 + number // 1000, 3, 4), number % 1000)


def person(number: int, **facts: object) -> NewMember:
    given = {"name": f"李{number}", "employer": "第一中学", "phone": f"138{number:08d}"}
    return NewMember(identity=identity(number), **(given | facts))  # type: ignore[arg-type]


def people(count: int, by: Actor = POINT, first: int = 1, **facts: object) -> list[int]:
    """So many members of the actor's office; their ids."""
    with acting(by):
        members = [person(n, **facts) for n in range(first, first + count)]
        return services.add_members(members=members, by=by, at=AT)


def appoint(
    exam: Exam, post: str, members: list[int], by: Actor = POINT, office: str = SITE, **facts: object
) -> list[int]:
    """The members are proposed; whoever had not declared has declared that there is nobody."""
    with acting(SYSTEM):
        for m in members:
            if not Declaration.objects.filter(exam=exam, member_id=m).exists():
                crowd.declare(exam, m)
    with acting(by):
        new = [NewAppointment(m, post, office, **facts) for m in members]  # type: ignore[arg-type]
        return services.appoint(exam=exam, appointments=new, by=by, at=AT)


def accepted(exam: Exam, ids: list[int]) -> None:
    """These have accepted, by whatever way."""
    with acting(SYSTEM):
        Appointment.objects.filter(exam=exam, pk__in=ids).update(state="accepted", decided_at=AT)


def hosts(rooms: int = 11) -> Exam:
    """Hebei: 1301 hosts with rooms 1-9 on the first floor and 10 on on the second, 1302 with one; nobody sits yet."""
    exam = year.make_exam("1301", "1302")
    year.confirmed(exam, {("1301", "general"): 4, ("1302", "general"): 2})
    year.decide(exam, "13", {"1301": "1301", "1302": "1302"})
    year.make_site(exam, "1301", rooms=rooms)
    year.make_site(exam, "1302", rooms=1)
    return exam
