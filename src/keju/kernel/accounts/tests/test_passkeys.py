"""Passkeys against a device in software: what fits signs in, and everything else does not and is recorded."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from keju.kernel.accounts import queries, services
from keju.kernel.accounts.models import Challenge, Login, Passkey
from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.accounts.services import NewCandidate
from keju.kernel.accounts.services.passkeys import CHALLENGE_LASTS, MOST
from keju.kernel.accounts.tests.authenticator import HOME, Device
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t

AT = datetime(2026, 6, 1, 9, tzinfo=CHINA)
SYSTEM = Actor.system("test")
SITE = t("考试", "Examination")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings):
    settings.PASSKEYS = {"rp_id": "exam.example", "origins": [HOME]}


def candidate(serial: int = 1):
    with acting(SYSTEM):
        return services.sign_up(
            person=NewCandidate(identity=f"11010119900101{serial:04d}", name=f"考生{serial}"),
            password="a sentence nobody guesses",
            by=SYSTEM,
            at=AT,
        )


def added(who, device: Device, *, name: str = "我的手机", at: datetime = AT) -> Passkey | None:
    challenge = services.ask(candidate_id=who.pk, at=at)
    answer = device.make(services.options_to_add(who, challenge, SITE))
    by = candidate_actor(who)
    with acting(by):
        return services.add_passkey(answer=answer, name=name, challenge=challenge, by=by, at=at)


def asked(at: datetime = AT) -> tuple[bytes, dict]:
    challenge = services.ask(candidate_id=None, at=at)
    return challenge, services.options_to_sign_in(challenge)


def signed_in(answer: str, challenge: bytes, at: datetime = AT):
    return services.sign_in_with_passkey(answer=answer, challenge=challenge, by=SYSTEM, at=at)


def whys() -> list[str]:
    """Why answers were refused, by the alphabet."""
    with acting(SYSTEM):
        return sorted(e.data["why"] for e in Event.objects.filter(kind="accounts.passkey.refused"))


def test_a_passkey_is_added_and_signs_in_and_says_when_it_was_last_used():
    who, device, later = candidate(), Device(), AT + timedelta(days=1)
    assert added(who, device) is not None
    challenge, options = asked(later)
    assert options["userVerification"] == "required" and not options.get("allowCredentials")
    assert signed_in(device.sign(options), challenge, later).pk == who.pk
    by = candidate_actor(who)
    with acting(by):
        (kept,) = queries.passkeys(viewer=by)
    assert (kept.name, kept.sign_count, kept.last_used_at) == ("我的手机", 1, later)
    with acting(SYSTEM):
        kinds = {e.kind for e in Event.objects.filter(subject=f"candidate:{who.pk}")}
        assert {"accounts.passkey.added", "accounts.passkey.used"} <= kinds
        assert not Challenge.objects.exists()


def test_what_the_device_is_told_says_nothing_of_the_person_and_leaves_out_what_it_has():
    who, device = candidate(), Device()
    added(who, device)
    options = services.options_to_add(who, b"1" * 32, SITE)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [one["id"] for one in options["excludeCredentials"]]
    assert "110101" not in str(options) and options["rp"]["id"] == "exam.example"


def test_a_challenge_is_spent_by_its_first_answer_right_or_wrong():
    device = Device()
    added(candidate(), device)
    challenge, options = asked()
    assert signed_in(device.sign(options), challenge) is not None
    assert signed_in(device.sign(options), challenge) is None
    challenge, options = asked()
    assert signed_in("{}", challenge) is None
    assert signed_in(device.sign(options), challenge) is None
    assert whys() == ["answer", "challenge", "challenge"]


def test_a_challenge_expires_and_is_cleared_away():
    device = Device()
    added(candidate(), device)
    challenge, options = asked()
    late = AT + CHALLENGE_LASTS
    assert signed_in(device.sign(options), challenge, late) is None
    asked(), asked(late)
    with acting(SYSTEM):
        assert Challenge.objects.count() == 1
    assert whys() == ["challenge"]


def test_a_challenge_to_add_signs_nobody_in_and_is_no_other_candidates():
    one, other, device = candidate(1), candidate(2), Device()
    added(one, device)
    challenge = services.ask(candidate_id=one.pk, at=AT)
    assert signed_in(device.sign(services.options_to_sign_in(challenge)), challenge) is None
    challenge = services.ask(candidate_id=one.pk, at=AT)
    answer = Device().make(services.options_to_add(one, challenge, SITE))
    by = candidate_actor(other)
    with acting(by):
        assert services.add_passkey(answer=answer, name="x", challenge=challenge, by=by, at=AT) is None
        assert queries.passkeys(viewer=by) == []
    assert whys() == ["challenge", "challenge"]


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ({"origin": "https://exam.example.evil"}, "answer"),
        ({"domain": "evil.example"}, "answer"),
        ({"verifies": False}, "answer"),
        ({"handle": "AAAA"}, "owner"),
        ({"handle": ""}, "owner"),
        ({"credential_id": b"another"}, "unknown"),
        ({"key": Device().key}, "answer"),
    ],
)
def test_who_lies_is_not_let_in(lie, why):
    who, device = candidate(), Device()
    added(who, device)
    challenge, options = asked()
    for name, value in lie.items():
        setattr(device, name, value)
    assert signed_in(device.sign(options), challenge) is None
    assert whys() == [why]


@pytest.mark.parametrize(
    "lie", [{"origin": "https://evil.example"}, {"domain": "evil.example"}, {"verifies": False}]
)
def test_a_key_of_another_site_or_without_its_owner_is_not_added(lie):
    who = candidate()
    assert added(who, Device(**lie)) is None
    assert whys() == ["answer"]


@pytest.mark.parametrize(
    "answer", ["", "null", "[]", '{"id": 1}', '{"id":"é","rawId":"é","response":{}}', "x" * 50_000]
)
def test_what_is_no_answer_is_refused(answer):
    challenge, _ = asked()
    assert signed_in(answer, challenge) is None
    assert whys() == ["answer"]


def test_one_candidates_key_does_not_sign_in_another():
    one, other, mine, theirs = candidate(1), candidate(2), Device(), Device()
    added(one, mine)
    added(other, theirs)
    mine.handle = theirs.handle
    challenge, options = asked()
    assert signed_in(mine.sign(options), challenge) is None
    mine.credential_id = theirs.credential_id
    challenge, options = asked()
    assert signed_in(mine.sign(options), challenge) is None
    assert whys() == ["answer", "owner"]


def test_a_counter_that_goes_back_or_stands_still_is_refused():
    device = Device()
    added(candidate(), device)
    for count, fits in ((5, True), (5, False), (3, False), (6, True)):
        device.count = count - 1
        challenge, options = asked()
        assert (signed_in(device.sign(options), challenge) is not None) == fits
    assert whys() == ["counter", "counter"]


def test_a_synchronised_key_counts_nothing():
    device = Device()
    added(candidate(), device)
    for _ in range(2):
        device.count = -1
        challenge, options = asked()
        assert signed_in(device.sign(options), challenge) is not None


def test_own_keys_are_renamed_and_removed_and_nobody_elses():
    one, other, device = candidate(1), candidate(2), Device()
    key = added(one, device)
    stranger, owner = candidate_actor(other), candidate_actor(one)
    with acting(stranger):
        for act in (services.remove_passkey, lambda **k: services.rename_passkey(name="x", **k)):
            with pytest.raises(NotPermitted):
                act(passkey_id=key.pk, by=stranger, at=AT)
    with acting(owner):
        services.rename_passkey(passkey_id=key.pk, name=" 旧手机 ", by=owner, at=AT)
        assert queries.passkeys(viewer=owner)[0].name == "旧手机"
        services.remove_passkey(passkey_id=key.pk, by=owner, at=AT)
        assert queries.passkeys(viewer=owner) == []
    challenge, options = asked()
    assert signed_in(device.sign(options), challenge) is None and whys() == ["unknown"]


def test_the_same_key_twice_and_too_many_are_refused():
    who, device = candidate(), Device()
    added(who, device)
    assert added(who, device) is None and whys() == ["known"]
    for _ in range(MOST - 1):
        assert added(who, Device()) is not None
    with pytest.raises(ValidationError):
        added(who, Device())


def test_a_closed_account_is_not_opened_by_a_passkey():
    who, device = candidate(), Device()
    added(who, device)
    Login.objects.filter(pk=who.login_id).update(is_active=False)
    challenge, options = asked()
    assert signed_in(device.sign(options), challenge) is None and whys() == ["inactive"]


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_to_one_challenge_at_once_one_signs_in():
    device = Device()
    added(candidate(), device)
    challenge, options = asked()
    answers = [device.sign(options), device.sign(options)]

    def run(answer: str) -> bool:
        try:
            return signed_in(answer, challenge) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, answers)) == [False, True]
