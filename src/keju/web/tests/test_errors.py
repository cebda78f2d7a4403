"""What people read when something is refused or fails, and what nobody may keep."""

import pytest
from django.test import Client, RequestFactory

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.exams.access import LOST
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import speaking
from keju.web import errors
from keju.web.site.forms import SignUp
from keju.web.tests.conftest import IDENTITY, PASSWORD, enter, make_person


@pytest.fixture
def asked(db):
    """A request from one of our own pages."""
    request = RequestFactory().post("/x/", headers={"Referer": "http://testserver/rules/"})
    request.actor = Actor.anybody()
    return request


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422, 429, 500])
def test_every_status_has_a_page_of_its_own_in_both_languages(asked, status, language):
    with speaking(language):
        answer = errors.answer(
            asked, status, errors.STALE, [{"rule": "V7.2", "text": "<b>why</b>", "field": ""}]
        )
        text = answer.content.decode()
    assert answer.status_code == status
    assert str(errors.STALE.in_(language)) in text.replace("&#x27;", "'")
    assert text.count("<h1>") == 1
    assert "&lt;b&gt;why" in text and "<b>why" not in text
    assert "/rules/V7.2/" in text


def test_a_refusal_names_its_clause_and_the_way_back(asked):
    refused = RuleRefused([Refusal("V7.2", "no_such_code", {})])
    status, headline, reasons = errors.explain(refused, "veterinarian")
    text = errors.answer(asked, status, headline, reasons).content.decode()
    assert status == 409
    assert reasons[0]["rule"] == "V7.2" and reasons[0]["text"]
    assert 'href="http://testserver/rules/"' in text


def test_the_way_back_never_leads_elsewhere(db):
    request = RequestFactory().post("/x/", headers={"Referer": "https://elsewhere.example/"})
    text = errors.answer(request, 409, errors.STALE, []).content.decode()
    assert "elsewhere.example" not in text


def test_a_foreign_host_is_a_bad_request_in_words(client, db, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    answer = client.get("/", headers={"Host": "elsewhere.example", "Referer": "http://elsewhere.example/x/"})
    assert answer.status_code == 400
    assert "没有办成" in answer.content.decode() and "elsewhere" not in answer.content.decode()


def test_forms_speak_to_people(client, db):
    """Not of fields and variables, as the framework's own words do."""
    with speaking("zh"):
        form = SignUp({"username": "1" * 41, "name": "", "phone": "\x00"}, kinds=("resident",))
        said = form.errors
    assert said["name"] == ["请填写这一项。"]
    assert said["username"] == ["最多40个字，现在有41个，请缩短。"]
    assert "字符" in said["phone"][0] and "空字符串" not in str(said)


def test_the_address_of_a_button_explains_itself(client, db):
    answer = client.get("/sign-out/")
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]
    assert str(errors.UNDONE) in answer.content.decode()


def test_signed_out_in_the_middle_one_comes_back_to_the_page_with_the_button(client, db):
    """Never to the button's own address, which cannot be opened; and the loss is said."""
    page = "http://testserver/my/?x=1"
    answer = client.post("/my/contact/", {}, headers={"Referer": page})
    assert answer.url == "/sign-in/?next=%2Fmy%2F%3Fx%3D1"
    assert str(LOST) in client.get(answer.url).content.decode()
    elsewhere = client.post("/my/contact/", {}, headers={"Referer": "https://elsewhere.example/my/"})
    assert elsewhere.url == "/sign-in/"
    assert client.get("/my/contact/").url == "/sign-in/?next=%2Fmy%2Fcontact%2F"


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotPermitted("x"), 403), (NotPermitted(hidden=True), 404), (Stale(), 409), (KeyError("bug"), None)],
)
def test_house_errors_are_explained_and_bugs_are_not(error, status):
    found = errors.explain(error, "veterinarian")
    assert (found[0] if found else None) == status


def test_the_page_of_a_broken_system_asks_nothing_of_the_database(django_assert_num_queries, asked):
    with django_assert_num_queries(0):
        assert errors.broken(asked).status_code == 500


def test_a_form_without_its_token_is_answered_in_words(db):
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": IDENTITY, "password": PASSWORD})
    assert answer.status_code == 403
    assert "刷新页面后再提交一次" in answer.content.decode()


def test_an_oversized_request_is_answered_in_words(db, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    answer = Client(raise_request_exception=False).post("/sign-in/", {str(n): "x" for n in range(9)})
    assert answer.status_code == 400
    assert "没有保存" in answer.content.decode()


def test_nothing_that_somebody_saw_signed_in_is_kept(client, exam):
    make_person("boss", ("centre", "centre_system"))
    enter(client, "boss")
    assert client.get("/office/people/")["Cache-Control"] == "no-store"


def test_public_pages_differ_by_language_and_by_who_is_in(client, db):
    vary = client.get("/rules/")["Vary"]
    assert "Cookie" in vary and "Accept-Language" in vary


def test_what_no_database_can_hold_is_refused_for_every_page(client, db):
    assert client.get("/exams/vet%00/points/").status_code == 404
    assert client.get("/rules/V7.2%00/").status_code == 404


def test_numbers_that_are_none_are_no_place_in_a_list(client, tree):
    make_person("centre", ("centre", "centre_exam"))
    enter(client, "centre")
    assert client.get("/office/people/?after=²").status_code == 200
