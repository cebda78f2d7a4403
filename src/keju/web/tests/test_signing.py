"""Signing in and up: it works, it slows down, and it tells nothing to who should not know."""

import re

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts.models import Candidate
from keju.kernel.audit.models import Event
from keju.kernel.exams.access import CANDIDATE
from keju.kernel.offices import acting
from keju.web.site.throttle import FROM_EVERYWHERE, too_often
from keju.web.tests.conftest import IDENTITY, PASSWORD, SYSTEM, code, enter, make_person

OTHER = "110101199003070011"
NEW = {"username": OTHER, "name": "李四", "phone": "139 0013 9000", "password": PASSWORD, "again": PASSWORD}


def body(answer) -> str:
    return answer.content.decode()


def plain(answer) -> str:
    """The page without its once-only tokens."""
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", body(answer))


@pytest.mark.parametrize("typed", [IDENTITY, IDENTITY.lower(), f" {IDENTITY[:6]} {IDENTITY[6:]} "])
def test_a_candidate_signs_in_however_the_number_is_typed(client, candidate, typed):
    answer = client.post("/sign-in/", {"username": typed, "password": PASSWORD, "next": "/rules/"})
    assert (answer.status_code, answer["Location"]) == (302, "/rules/")
    assert client.session["_auth_user_id"] == str(candidate.login_id)
    assert client.session[CANDIDATE] == candidate.pk


def test_a_wrong_password_and_an_unknown_number_get_the_same_page(client, candidate):
    wrong = client.post("/sign-in/", {"username": IDENTITY, "password": "not this"})
    unknown = client.post("/sign-in/", {"username": OTHER, "password": "not this"})
    assert wrong.status_code == unknown.status_code == 422
    assert plain(wrong).replace(IDENTITY, "") == plain(unknown).replace(OTHER, "")
    assert "_auth_user_id" not in client.session


def test_staff_do_not_enter_by_the_candidates_door_nor_candidates_by_the_staffs(client, candidate):
    make_person("centre", ("centre", "centre_exam"))
    assert client.post("/sign-in/", {"username": "centre", "password": PASSWORD}).status_code == 422
    index = candidate.login.username
    assert client.post("/office/sign-in/", {"username": index, "password": PASSWORD}).status_code == 422
    assert "_auth_user_id" not in client.session


def test_after_ten_failures_even_the_right_password_waits(client, candidate):
    for _ in range(9):
        assert client.post("/sign-in/", {"username": IDENTITY, "password": "no"}).status_code == 422
    assert client.post("/sign-in/", {"username": IDENTITY, "password": "no"}).status_code == 429
    late = client.post("/sign-in/", {"username": IDENTITY, "password": PASSWORD})
    assert late.status_code == 429
    assert "_auth_user_id" not in client.session


def test_the_limiter_keeps_neither_number_nor_password(client, candidate):
    client.post("/sign-in/", {"username": IDENTITY, "password": "open-sesame"})
    rows = [*AccessAttempt.objects.values(), *AccessFailureLog.objects.values()]
    assert rows
    assert IDENTITY not in str(rows)
    assert "open-sesame" not in str(rows)


def test_next_leads_only_to_our_own_pages(client, candidate):
    answer = client.post(
        "/sign-in/", {"username": IDENTITY, "password": PASSWORD, "next": "https://elsewhere.example/"}
    )
    assert answer.status_code == 302
    assert not answer["Location"].startswith(("http", "//"))


def test_sign_up_opens_an_account_seals_it_and_enters(client, tree):
    assert client.post("/sign-up/", NEW).status_code == 302
    with acting(SYSTEM):
        made = Candidate.objects.get()
        assert (made.identity, made.name, made.phone) == (OTHER, "李四", "139 0013 9000")
        assert Event.objects.filter(
            kind="accounts.candidate.signed_up", subject=f"candidate:{made.pk}"
        ).exists()
    assert client.session["_auth_user_id"] == str(made.login_id)
    assert client.session[CANDIDATE] == made.pk


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "110101199003070012"}, "username"),
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "password1", "again": "password1"}, "password"),
        ({"again": "something else"}, "again"),
        ({"phone": "call me"}, "phone"),
        ({"name": ""}, "name"),
    ],
)
def test_sign_up_says_what_to_correct_and_ties_it_to_the_field(client, tree, change, field):
    answer = client.post("/sign-up/", NEW | change)
    assert answer.status_code == 422
    page = body(answer)
    assert f'id="id_{field}_error"' in page
    assert re.search(rf'id="id_{field}"[^>]*aria-describedby="[^"]*id_{field}_error', page) or re.search(
        rf'aria-describedby="[^"]*id_{field}_error[^"]*"[^>]*id="id_{field}"', page
    )
    assert f'href="#id_{field}"' in page
    assert PASSWORD not in page
    with acting(SYSTEM):
        assert not Candidate.objects.exists()


def test_signing_up_twice_does_not_say_that_there_is_an_account(client, candidate):
    answer = client.post("/sign-up/", NEW | {"username": IDENTITY})
    assert answer.status_code == 422
    assert "已经注册" not in body(answer)
    with acting(SYSTEM):
        assert Candidate.objects.count() == 1


def test_one_number_may_be_tried_five_times_an_hour(client, candidate):
    tries = [client.post("/sign-up/", NEW | {"username": IDENTITY}).status_code for _ in range(6)]
    assert tries == [422] * 5 + [429]


def test_staff_need_the_code_of_their_device(client, tree, exam):
    make_person("centre", ("centre", "centre_exam"))
    first = client.post(
        "/office/sign-in/", {"username": "centre", "password": PASSWORD, "next": "/office/audit/"}
    )
    assert first["Location"] == "/office/second-factor/?next=%2Foffice%2Faudit%2F"
    assert client.get("/office/audit/")["Location"].startswith("/office/second-factor/")
    wrong = "000000" if code() != "000000" else "000001"
    assert client.post("/office/second-factor/", {"code": wrong}).status_code == 422
    # a wrong code makes the device wait, even for the right one
    assert client.post("/office/second-factor/", {"code": code()}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    right = client.post("/office/second-factor/", {"code": code(), "next": "/office/audit/"})
    assert (right.status_code, right["Location"]) == (302, "/office/audit/")
    assert client.get("/office/audit/").status_code == 200


def test_a_code_serves_once(client, tree):
    make_person("centre", ("centre", "centre_exam"))
    client.post("/office/sign-in/", {"username": "centre", "password": PASSWORD})
    used = code()
    assert client.post("/office/second-factor/", {"code": used}).status_code == 302
    client.post("/sign-out/")
    client.post("/office/sign-in/", {"username": "centre", "password": PASSWORD})
    assert client.post("/office/second-factor/", {"code": used}).status_code == 422


def test_who_has_no_device_sets_one_up_and_it_is_recorded(client, tree):
    person = make_person("fresh", ("11", "region_officer"), device=False)
    client.post("/office/sign-in/", {"username": "fresh", "password": PASSWORD})
    page = body(client.get("/office/second-factor/"))
    assert "data:image/svg+xml" in page
    key = bytes.fromhex(client.session["keju_totp_key"])
    assert client.post("/office/second-factor/", {"code": "123"}).status_code == 422
    assert not TOTPDevice.objects.exists()
    answer = client.post("/office/second-factor/", {"code": f"{TOTP(key).token():06d}"})
    assert answer.status_code == 302
    assert TOTPDevice.objects.get().confirmed
    assert "keju_totp_key" not in client.session
    with acting(SYSTEM):
        assert Event.objects.filter(
            kind="accounts.second_factor.enrolled", subject=f"person:{person.pk}"
        ).exists()


def test_a_password_alone_does_not_add_a_second_device(client, tree):
    make_person("centre", ("centre", "centre_exam"))
    client.post("/office/sign-in/", {"username": "centre", "password": PASSWORD})
    page = body(client.get("/office/second-factor/"))
    assert "data:image/svg+xml" not in page
    assert "keju_totp_key" not in client.session


def test_signing_out_takes_a_post(client, candidate):
    client.post("/sign-in/", {"username": IDENTITY, "password": PASSWORD})
    assert client.get("/sign-out/").status_code == 405
    assert "_auth_user_id" in client.session
    assert client.post("/sign-out/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_the_session_changes_its_key_on_entering(client, tree):
    make_person("centre", ("centre", "centre_exam"))
    client.get("/office/second-factor/")
    enter(client, "centre")
    assert Session.objects.count() == 1


def test_whoever_tries_with_somebodys_number_does_not_keep_the_owner_out(rf):
    def again(address: str) -> bool:
        return too_often(rf.post("/", REMOTE_ADDR=address), "recover-number", 5, "number")

    assert [again("10.1.1.1") for _ in range(6)] == [False] * 5 + [True]
    assert not again("10.2.2.2")
    strangers = [again(f"10.3.{n}.1") for n in range(5 * FROM_EVERYWHERE)]
    assert strangers[0] is False and strangers[-1] is True  # but guessing from everywhere ends too


def test_one_code_is_checked_at_a_time_and_its_page_is_kept_nowhere(client, tree):
    make_person("centre", ("centre", "centre_exam"))
    client.post("/office/sign-in/", {"username": "centre", "password": PASSWORD})
    page = client.get("/office/second-factor/")
    assert page["Cache-Control"] == "no-store"
    with CaptureQueriesContext(connection) as asked:
        client.post("/office/second-factor/", {"code": "000000"})
    devices = [q["sql"] for q in asked if 'FROM "otp_totp_totpdevice"' in q["sql"]]
    assert devices[0].endswith("FOR UPDATE")
