"""Discipline officers who may be with somebody kept apart (V12.6.3)."""

from dataclasses import dataclass

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.staffing import queries as staffing

NATION = Actor.system("custody")


@dataclass(frozen=True)
class Officer:
    """A discipline officer in force, of that office."""

    person_id: int
    name: str
    office_code: str


def companions(exam: Exam, office_path: str) -> dict[int, Officer]:
    """Person → who holds a post that accompanies, in force, at the office of this path or one above it; the nearest first."""
    posts = [post.code for post in exams.programme(exam).posts if post.accompanies]
    steps = office_path.strip("/").split("/") if office_path.strip("/") else []
    offices = ["centre", *steps]
    with acting(NATION):
        rows = staffing.appointments_in_force(exam, "/").filter(post__in=posts, office_code__in=offices)
        found = rows.order_by("-office_path", "member__person__name", "pk").values_list(
            "member__person_id", "member__person__name", "office_code"
        )
        people: dict[int, Officer] = {}
        for person, name, office in found:
            people.setdefault(person, Officer(person, name, office))
    return people
