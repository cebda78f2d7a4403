"""People and exams for the tests of the site."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person
from keju.kernel.accounts.services import NewCandidate
from keju.kernel.calendar import now
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.kernel.offices.services import load_tree

SYSTEM = Actor.system("test")
PASSWORD = "a sentence nobody guesses"
IDENTITY = "11010519491231002X"
KEY = b"1" * 20


@pytest.fixture(autouse=True)
def fresh_cache():
    """Nobody is throttled for what another test did."""
    cache.clear()
    office.cache_clear()
    yield
    cache.clear()
    office.cache_clear()


@pytest.fixture
def tree(db):
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=now())


@pytest.fixture
def exam(tree) -> Exam:
    """A rehearsal of 2027 whose clock stands at 20 March 2027."""
    from datetime import datetime

    from keju.kernel.calendar import CHINA

    shift = datetime(2027, 3, 20, 9, tzinfo=CHINA) - now()
    with acting(SYSTEM):
        return exams.make(
            slug="vet-2027-rehearsal",
            programme="veterinarian",
            year=2027,
            exam_day=date(2027, 10, 15),
            rules_as_of=date(2027, 1, 1),
            is_rehearsal=True,
            clock_shift=shift if shift > timedelta() else timedelta(),
            by=SYSTEM,
            at=now(),
        )


def make_person(username: str, *postings: tuple[str, str], device: bool = True) -> Person:
    """Somebody with these (office, role) postings, and a device unless said otherwise."""
    with acting(SYSTEM):
        person = accounts.add_person(
            name=f"某{username}",
            username=username,
            password=PASSWORD,
            office=office("centre"),
            by=SYSTEM,
            at=now(),
        )
        for code, role in postings:
            accounts.post(
                person=person, office=office(code), role=role, starts_on=date(2020, 1, 1), by=SYSTEM, at=now()
            )
    if device:
        TOTPDevice.objects.create(user=person.login, name="totp", key=KEY.hex(), confirmed=True)
    return person


@pytest.fixture
def candidate(tree):
    with acting(SYSTEM):
        return accounts.sign_up(
            person=NewCandidate(identity=IDENTITY, name="王小明", phone="13800138000"),
            password=PASSWORD,
            by=SYSTEM,
            at=now(),
        )


def code() -> str:
    """The present code of every device made here."""
    return f"{TOTP(KEY).token():06d}"


def enter(client: Client, username: str) -> None:
    """Signs a member of staff in, with both factors."""
    client.post("/office/sign-in/", {"username": username, "password": PASSWORD})
    TOTPDevice.objects.filter(user__username=username).update(last_t=-1, throttling_failure_count=0)
    answer = client.post("/office/second-factor/", {"code": code()})
    assert answer.status_code == 302, answer.content.decode()[:2000]
