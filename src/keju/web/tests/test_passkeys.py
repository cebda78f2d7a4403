"""Passkeys as the browser's script meets them: the password first, then the key; and signing in with it."""

import pytest
from django.test import Client

from keju.kernel.accounts.models import Passkey
from keju.kernel.accounts.tests.authenticator import HOME, Device
from keju.kernel.offices import Actor, acting
from keju.web.site.pages.signing import BACKEND
from keju.web.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LIST, BEGIN, CHALLENGE, SIGN_IN = (
    "/my/passkeys/",
    "/my/passkeys/begin/",
    "/sign-in/passkey/challenge/",
    "/sign-in/passkey/",
)


@pytest.fixture(autouse=True)
def site(settings):
    settings.PASSKEYS = {"rp_id": "exam.example", "origins": [HOME]}


@pytest.fixture
def device(client, candidate) -> Device:
    """Added by the candidate, who has signed out since."""
    client.force_login(candidate.login, backend=BACKEND)
    device = Device()
    options = client.post(BEGIN, {"name": "我的手机", "password": PASSWORD}).json()
    client.post(LIST, {"name": "我的手机", "answer": device.make(options)})
    assert "我的手机" in client.get(LIST).content.decode()
    client.post("/sign-out/")
    return device


def test_a_key_is_added_after_the_password_and_signs_in_without_it(client, candidate, device):
    options = client.post(CHALLENGE).json()
    answer = client.post(SIGN_IN, {"answer": device.sign(options), "next": "/my/contact/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/my/contact/")
    assert client.get("/my/contact/").status_code == 200
    with acting(Actor.system("test")):
        key = Passkey.objects.get()
    client.post(f"/my/passkeys/{key.pk}/name/", {"name": "旧手机"})
    assert "旧手机" in client.get(LIST).content.decode()
    client.post(f"/my/passkeys/{key.pk}/remove/")
    assert "还没有通行密钥" in client.get(LIST).content.decode()


def test_without_the_right_password_nothing_is_begun(client, candidate):
    client.force_login(candidate.login, backend=BACKEND)
    for password in ("", "wrong"):
        told = client.post(BEGIN, {"name": "x", "password": password})
        assert told.status_code == 422 and told.json()["error"]
    client.post(LIST, {"name": "x", "answer": "{}"})
    with acting(Actor.system("test")):
        assert not Passkey.objects.exists()


def test_an_answer_is_good_once_and_only_in_the_browser_that_was_asked(client, device):
    options, other = client.post(CHALLENGE).json(), Client()
    answer = device.sign(options)
    refused = other.post(SIGN_IN, {"answer": answer}, follow=True)
    assert "没有用通行密钥登录成功" in refused.content.decode()
    assert client.post(SIGN_IN, {"answer": answer}).headers["Location"] != "/sign-in/"
    client.post("/sign-out/")
    assert client.post(SIGN_IN, {"answer": answer}).headers["Location"] == "/sign-in/"


def test_signing_in_by_password_is_as_ever_and_the_pages_speak_both_languages(client, candidate):
    page = client.get("/sign-in/?lang=en").content.decode()
    assert "Sign in with a passkey" in page and 'data-domain="exam.example"' in page
    client.force_login(candidate.login, backend=BACKEND)
    assert "Add a passkey" in client.get(LIST + "?lang=en").content.decode()
    assert LIST in client.get("/my/contact/").content.decode()
