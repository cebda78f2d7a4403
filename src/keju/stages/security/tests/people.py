"""Holders of the key posts of the small physician exam, and leaders who sign."""

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.security.tests.year import AT
from keju.stages.staffing.models import Appointment, Member
from keju.stages.staffing.tests import world
from keju.stages.venues.tests.year import SYSTEM, staff

KEY_POSTS = (
    ("region_leader", "13"),
    ("region_director", "13"),
    ("region_confidential_officer", "13"),
    ("point_leader", "1301"),
    ("chief_examiner", "1301"),
    ("point_confidential_officer", "1301"),
    ("deputy_chief_examiner", "1301"),
)


def hold(exam: Exam, *posts: tuple[str, str], first: int = 1) -> dict[str, int]:
    """The posts are held by new members who accepted; post → person id."""
    found: dict[str, int] = {}
    region = staff("region_officer", "13")
    for n, (post, code) in enumerate(posts, first):
        (member,) = world.people(1, by=region, first=n)
        with acting(SYSTEM):
            path = f"/13/{code}/" if len(code) == 4 else "/13/"
            Appointment.objects.create(
                exam=exam,
                member_id=member,
                post=post,
                office_path=path,
                office_code=code,
                state="accepted",
                made_by=region.ref,
                made_at=AT,
                decided_at=AT,
            )
            found[post] = Member.objects.get(pk=member).person_id
    return found


def leader(role: str, code: str) -> tuple[Actor, list[str]]:
    """Somebody without a device who leads the office, with signing codes."""
    plain = staff(role, code)
    with acting(SYSTEM):
        person = Person.objects.create(name=f"领导{code}", office_path=plain.office_path)
        codes = accounts.issue_signing_codes(person_id=person.pk, count=6, by=SYSTEM, at=AT)
    actor = Actor(
        f"person:{person.pk}",
        person.name,
        role,
        code,
        plain.office_path,
        person_id=person.pk,
        permissions=plain.permissions,
    )
    return actor, codes


def codes_of(person_id: int, count: int = 2) -> list[str]:
    with acting(SYSTEM):
        return accounts.issue_signing_codes(person_id=person_id, count=count, by=SYSTEM, at=AT)
