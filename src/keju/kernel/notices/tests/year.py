"""An exam with three regions, their points, and actors, for tests that need a tree."""

from datetime import date, datetime

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person
from keju.kernel.calendar import CHINA
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting, queries
from keju.kernel.offices import services as offices
from keju.kernel.offices.models import Office

ROOT = Actor.system("test")
AT = datetime(2011, 5, 1, 9, 0, tzinfo=CHINA)
OPENED = ("11", "13", "44", "1101", "1301", "1302", "4401")


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)


def exam_of_2011(opened: tuple[str, ...] = OPENED) -> Exam:
    """The veterinarian exam of 2011, on Sunday 16 October, with the offices opened for it."""
    with acting(ROOT):
        offices.load_tree(by=ROOT, at=AT)
        exam = exams.make(
            slug="vet-2011",
            programme="veterinarian",
            year=2011,
            exam_day=date(2011, 10, 16),
            rules_as_of=date(2011, 7, 1),
            is_rehearsal=False,
            by=ROOT,
            at=AT,
        )
        for code in opened:
            exams.open_office(exam=exam, office=Office.objects.get(code=code), by=ROOT, at=AT)
    return exam


def officer(code: str, *permissions: str) -> Actor:
    """Somebody of that office with these permissions (all of duties and notices if none are named)."""
    every = (
        "duties:board:read",
        "duties:duty:discharge",
        "notices:notice:read",
        "notices:notice:send",
    )
    return Actor(
        ref=f"person:{code}",
        name=code,
        role="test",
        office_code=code,
        office_path=queries.path_of(code),
        permissions=frozenset(permissions or every),
    )


def signed_in(client: Client, code: str, role: str, exam_slug: str = "") -> Person:
    """The client is somebody of that office in that role, with the second factor given."""
    with acting(ROOT):
        person = accounts.add_person(
            name=f"官员{code}",
            username=f"{role}-{code}",
            password="a long enough phrase",
            office=queries.office(code),
            by=ROOT,
            at=AT,
        )
        accounts.post(
            person=person,
            office=queries.office(code),
            role=role,
            exam_slug=exam_slug,
            starts_on=date(2011, 1, 1),
            by=ROOT,
            at=AT,
        )
    device = TOTPDevice.objects.create(user=person.login, name="test", confirmed=True)
    client.force_login(person.login, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return person
