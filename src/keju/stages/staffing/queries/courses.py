"""Courses and rehearsals, who is invited and who was there (V4.1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from keju.kernel.accounts.models import Person
from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.staffing.models import Attendee, Course, CourseState
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries.handbooks import NATION
from keju.stages.staffing.rules.training import Wall

PAGE = 50


@dataclass(frozen=True)
class Line:
    """A course in a list: how many are invited, how many were there."""

    course: Course
    invited: int
    attended: int


def courses(exam: Exam, *, viewer: Actor, kind: str = "", after: int | None = None) -> tuple[list[Line], str]:
    """The courses of the viewer's offices, newest first, and where the next page begins."""
    path = viewer.office_path
    found = Course.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    found = found.filter(kind=kind) if kind else found
    found = found.filter(pk__lt=after) if after else found
    rows = list(_counted(found).order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return [Line(r, r.invited, r.attended) for r in rows], str(rows[-1].pk) if more else ""  # type: ignore[attr-defined]


def _counted(found: QuerySet[Course]) -> QuerySet[Course]:
    return found.annotate(
        invited=Count("attendees"),
        attended=Count("attendees", filter=Q(attendees__attended_at__isnull=False)),
    )


def course(exam: Exam, course_id: int) -> Course:
    """A course of the viewer's scope; `NotPermitted(hidden=True)` otherwise."""
    found = Course.objects.filter(exam=exam, pk=course_id).first()
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def attendees(course: Course) -> list[Attendee]:
    """Everybody invited, by office and name."""
    with acting(NATION):  # names of people who are at home elsewhere
        rows = Attendee.objects.filter(course=course).select_related("person")
        return list(rows.order_by("office_path", "person__name", "pk"))


def wall(course: Course, exam: Exam) -> Wall:
    """What the code on the wall follows from."""
    params = exams.params(exam, Params)
    return Wall(
        str(course.secret),
        course.starts_at,
        course.ends_at,
        params.code_seconds,
        params.code_grace_seconds,
        params.code_early_minutes,
    )


def invitations(exam: Exam, person_id: int) -> list[Attendee]:
    """The person's own courses, the next first."""
    with acting(NATION):
        rows = Attendee.objects.filter(exam=exam, person_id=person_id).select_related("course")
        return list(rows.exclude(course__state=CourseState.CANCELLED).order_by("-course__starts_at"))


def attended(exam: Exam, person_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """(person, module) → how many courses of it they attended; one statement."""
    found: dict[tuple[int, str], int] = {}
    with acting(NATION):
        rows = Attendee.objects.filter(
            exam=exam, person_id__among=list(person_ids), attended_at__isnull=False
        ).exclude(course__state=CourseState.CANCELLED)
        for person, modules in rows.values_list("person_id", "course__modules"):
            for module in modules:
                found[person, module] = found.get((person, module), 0) + 1
    return found


def rehearsed(exam: Exam) -> set[str]:
    """Codes of the host points where the exam was rehearsed."""
    with acting(NATION):
        rows = Course.objects.filter(exam=exam, kind=Course.REHEARSAL, state=CourseState.HELD)
        return set(rows.values_list("about", flat=True))


def person(person_id: int) -> Person:
    """Whoever it is, for their own page."""
    with acting(NATION):
        return Person.objects.get(pk=person_id)


def soon(exam: Exam, office_path: str, at: datetime) -> list[Course]:
    """Planned courses of the office that begin from now on."""
    rows = Course.objects.filter(
        exam=exam, office_path=office_path, state=CourseState.PLANNED, ends_at__gte=at
    )
    return list(rows.order_by("starts_at")[:10])


def places(exam: Exam, person_ids: Collection[int], path: str) -> dict[int, str]:
    """Person → the office whose people they were when invited, of those at and under the path."""
    with acting(NATION):
        rows = Attendee.objects.filter(exam=exam, person_id__among=list(person_ids))
        rows = rows.filter(office_path__gte=path, office_path__lt=path + "~").order_by("pk")
        return dict(rows.values_list("person_id", "office_path"))
