"""A small world for the tests of training: an exam, staff with sign-ins, and approved handbooks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.services import NewStaff
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.kernel.offices.services import load_tree
from keju.stages.staffing.models import Course, HandbookVersion
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.services import training
from keju.stages.venues.tests.year import AT, SYSTEM

PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
STAFF = (
    ("centre_exam", "centre"), ("office_officer", "office"), ("region_officer", "13"), ("point_clerk", "1301"),
    ("point_manager", "1301"), ("region_officer", "11"),
)  # fmt: skip


@dataclass
class School:
    exam: Exam
    people: dict[tuple[str, str], int]

    def actor(self, role: str, code: str) -> Actor:
        person, where = self.people[role, code], office(code)
        permissions = frozenset(str(p) for p in ROLES[role].permissions)
        return Actor(
            f"person:{person}", f"{role}-{code}", role, code, where.path, person, permissions=permissions
        )

    def trainee(self, role: str, code: str) -> Actor:
        """The same person as their personal link shows them: no office, no permission."""
        person = self.people[role, code]
        return Actor(f"person:{person}", f"{role}-{code}", "trainee", person_id=person)


def school(*, is_rehearsal: bool = True, books: bool = True, programme: str = "veterinarian") -> School:
    """Hebei and its first point take part; nobody is trained yet."""
    office.cache_clear()
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=AT)
        exam = exams.make(
            slug="exam", programme=programme, year=2012, exam_day=date(2012, 10, 21),
            rules_as_of=date(2012, 6, 1), is_rehearsal=is_rehearsal, by=SYSTEM, at=AT,
        )  # fmt: skip
        for code in ("13", "1301"):
            exams.open_office(exam=exam, office=office(code), leader="王一", by=SYSTEM, at=AT)
        staff = [NewStaff(f"{role}-{code}", f"{role}-{code}", role, office(code)) for role, code in STAFF]
        ids = accounts.add_staff(staff=staff, starts_on=date(2011, 1, 1), by=SYSTEM, at=AT)
        if books:
            HandbookVersion.objects.bulk_create(
                HandbookVersion(
                    exam=exam, office_path="/", code=code, version=1, sha=code[:1] * 64, file_name=f"{code}.pdf",
                    state="approved", drafted_by="test", drafted_at=AT, decided_at=AT,
                )
                for code in ("management", "candidate", "system")
            )  # fmt: skip
    return School(exam, dict(zip(STAFF, ids, strict=True)))


def course(
    at_: School,
    by: Actor,
    modules: list[str],
    people: list[int],
    *,
    when: datetime = AT,
    attended: bool = True,
) -> Course:
    """A course of these modules to which these people are invited, and (unless not) where all of them were."""
    with acting(by):
        made = training.plan_course(
            exam=at_.exam, modules=modules, place="一楼会议室", trainer="张三", starts_at=when,
            ends_at=when + timedelta(hours=2), by=by, at=when,
        )  # fmt: skip
        training.invite(exam=at_.exam, course_id=made.pk, person_ids=people, by=by, at=when)
        if attended:
            there = [one.pk for one in queries.attendees(made)]
            training.enter_attendance(exam=at_.exam, course_id=made.pk, attendee_ids=there, by=by, at=when)
    return made


def take(at_: School, who: Actor, module: str, *, wrong: int = 0, when: datetime = AT) -> bool:
    """One try with so many wrong answers; whether it is passed."""
    with acting(who):
        taker = training.Taker(who.person_id or 0, "/13/1301/")
        (pk,) = training.begin_checks(exam=at_.exam, wanted=[(taker, module)], way="link", by=who, at=when)
        paper = queries.open_papers(at_.exam, [pk])[pk]
        answers = [None if n < wrong else one.right for n, one in enumerate(paper)]
        return training.hand_in_checks(exam=at_.exam, answers={pk: answers}, by=who, at=when)[pk]


def pass_everything(at_: School, role: str, code: str, by: Actor) -> None:
    """The person was taught and has passed all that the role needs."""
    who, modules = at_.trainee(role, code), list(queries.needed(at_.exam, at_.people[role, code], AT))
    course(at_, by, modules, [who.person_id or 0])
    for module in modules:
        assert take(at_, who, module)
    with acting(who):
        training.sign_pledge(
            exam=at_.exam, module_code="discipline", office_path=office(code).path, signed_as=who.name, agreed=True,
            way="link", by=who, at=AT,
        )  # fmt: skip
