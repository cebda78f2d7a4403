"""An exam and a signed-in officer, for the tests of pages below notices and duties."""

from datetime import date, datetime

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts import queries as people
from keju.kernel.accounts import services as accounts
from keju.kernel.calendar import CHINA
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices import services as offices
from keju.kernel.offices.models import Office

ROOT = Actor.system("test")
AT = datetime(2026, 3, 1, 9, 0, tzinfo=CHINA)


def exam(slug: str = "vet-2026", *, is_rehearsal: bool = False) -> Exam:
    with acting(ROOT):
        offices.load_tree(by=ROOT, at=AT)
        return exams.make(
            slug=slug,
            programme="veterinarian",
            year=2026,
            exam_day=date(2026, 10, 17),
            rules_as_of=date(2026, 3, 1),
            is_rehearsal=is_rehearsal,
            by=ROOT,
            at=AT,
        )


def signed_in(client: Client, code: str, role: str) -> Actor:
    """The client is somebody of that office in that role; returns who they act as."""
    with acting(ROOT):
        office = Office.objects.get(code=code)
        person = accounts.add_person(
            name=f"官员{code}",
            username=f"{role}-{code}",
            password="a long enough phrase",
            office=office,
            by=ROOT,
            at=AT,
        )
        accounts.post(person=person, office=office, role=role, starts_on=date(2020, 1, 1), by=ROOT, at=AT)
        login = person.login
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    device = TOTPDevice.objects.create(user=login, name="test", confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return people.actor_of(person, people.holdings(person, date(2026, 3, 1))[0])
