"""Wrong codes typed for somebody's device at another's sign-in slow such tries down, and never the owner's sign-in."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import ForeignTry, Person, Proof
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.kernel.offices.services import load_tree

SYSTEM = Actor.system("test")
KEY = b"2" * 20


@pytest.fixture
def owner(db) -> Person:
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=timezone.now())
        person = accounts.add_person(
            name="李主任", username="director", password="correct horse battery", office=office("13"), by=SYSTEM,
            at=timezone.now(),
        )  # fmt: skip
    TOTPDevice.objects.create(user=person.login, name="totp", key=KEY.hex(), confirmed=True)
    return person


def prove(owner: Person, code: str, *, at_home: bool = False) -> bool:
    by = Actor("person:0", "someone", "region_officer", person_id=owner.pk if at_home else 0)
    with acting(SYSTEM):
        return accounts.prove(person_id=owner.pk, code=code, by=by, at=timezone.now()) is not None


def wrong() -> str:
    return f"{(TOTP(KEY).token() + 1) % 1_000_000:06d}"


def test_a_stranger_does_not_lengthen_the_wait_of_the_owner(owner):
    for _ in range(3):
        assert not prove(owner, wrong())
    device = TOTPDevice.objects.get()
    assert (device.throttling_failure_count, device.throttling_failure_timestamp) == (0, None)
    with acting(SYSTEM):
        assert ForeignTry.objects.get().failures == 1  # the second and third came too soon to be looked at
    assert not prove(owner, f"{TOTP(KEY).token():06d}"), "a right one, too, while the stranger has to wait"
    assert prove(owner, f"{TOTP(KEY).token():06d}", at_home=True)


def test_own_wrong_codes_count_at_the_device_and_a_right_one_elsewhere_ends_the_wait(owner):
    assert not prove(owner, wrong())
    with acting(SYSTEM):
        ForeignTry.objects.update(failed_at=timezone.now() - timedelta(minutes=1))
    assert prove(owner, f"{TOTP(KEY).token():06d}")
    with acting(SYSTEM):
        assert ForeignTry.objects.get().failures == 0 and Proof.objects.get().person_id == owner.pk
    assert not prove(owner, wrong(), at_home=True)
    assert TOTPDevice.objects.get().throttling_failure_count == 1
