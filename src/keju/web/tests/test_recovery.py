"""A lost password: by telephone and at the counter; and documents of other kinds at the sign-in."""

import re
from types import SimpleNamespace

import pytest

from keju.kernel.accounts.models import Candidate, Recovery
from keju.kernel.audit.models import Event
from keju.kernel.calendar import now
from keju.kernel.notices.models import Delivery, Message
from keju.kernel.offices import acting
from keju.web.jobs import send
from keju.web.site.pages import counter_codes
from keju.web.tests.conftest import IDENTITY, PASSWORD, SYSTEM, enter, make_person
from keju.web.tests.test_signing import OTHER, body, plain

NEW = "my new sentence of this year"
ASK = {"username": IDENTITY, "phone": "138 0013 8000"}


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    """The words that went to the outbox, as `dispatch` got them."""
    from keju.web import jobs
    from keju.web.site import recovering

    words: list[str] = []
    for module in (jobs, recovering):
        true = module.dispatch
        monkeypatch.setattr(
            module, "dispatch", lambda true=true, **given: (words.append(given["words"].zh), true(**given))[1]
        )
    return words


def ask(client, deferred: list[int], **change: str):
    """Asks for a code; the worker then does what it was told."""
    answer = client.post("/recover/", ASK | change)
    with acting(SYSTEM):
        send(Recovery.objects.latest("pk").pk)
    return answer


@pytest.fixture
def deferred(monkeypatch) -> list[int]:
    """What would be handed to the worker."""
    from keju.web.site.pages import recovery

    handed: list[int] = []
    monkeypatch.setattr(recovery, "send_later", handed.append)
    return handed


def test_a_code_by_telephone_sets_a_new_password_and_ends_every_session(
    client, candidate, exam, sent, deferred
):
    elsewhere = type(client)()
    elsewhere.post("/sign-in/", {"username": IDENTITY, "password": PASSWORD})
    assert elsewhere.get("/my/contact/").status_code == 200
    assert ask(client, deferred)["Location"] == "/recover/code/"
    assert len(deferred) == 1
    code = re.search(r"验证码([0-9]{6})", sent[0])[1]
    answer = client.post("/recover/code/", {"code": code, "password": NEW, "again": NEW})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert elsewhere.get("/my/contact/")["Location"].startswith("/sign-in/")
    assert client.post("/sign-in/", {"username": IDENTITY, "password": NEW}).status_code == 302
    with acting(SYSTEM):
        assert Event.objects.filter(
            kind="accounts.recovery.used", subject=f"candidate:{candidate.pk}"
        ).exists()
        assert Message.objects.filter(candidate=candidate, kind="accounts.password.reset").exists()
        assert Delivery.objects.get(kind="accounts.recovery.code").is_secret


@pytest.mark.parametrize("change", [{"username": OTHER}, {"phone": "13900139000"}, {"username": "nonsense"}])
def test_who_has_no_account_gets_the_same_answers(client, candidate, exam, sent, deferred, change):
    stranger = type(client)()
    right, wrong = ask(client, deferred), ask(stranger, deferred, **change)
    assert (right.status_code, right["Location"]) == (wrong.status_code, wrong["Location"])
    assert len(deferred) == 2
    guess = {"code": "000000", "password": NEW, "again": NEW}
    assert plain(client.get("/recover/code/")) == plain(stranger.get("/recover/code/"))
    first, second = client.post("/recover/code/", guess), stranger.post("/recover/code/", guess)
    assert first.status_code == second.status_code == 422
    assert plain(first) == plain(second)
    assert len(sent) == 1
    with acting(SYSTEM):
        made = Event.objects.filter(kind="accounts.recovery.requested").values_list("office_path", "data")
        assert len(set(map(str, made))) == 1


def test_asking_costs_the_same_number_of_statements_for_everybody(client, candidate, exam, deferred):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for change in ({}, {"username": OTHER}, {"phone": "13900139000"}):
        visitor = type(client)()
        visitor.get("/recover/")
        with CaptureQueriesContext(connection) as seen:
            visitor.post("/recover/", ASK | change)
        counts.append(
            [re.sub(r"'[^']*'|[0-9]+|\\x[0-9a-f]+", "?", q["sql"])[:60] for q in seen.captured_queries]
        )
    assert counts[0] == counts[1] == counts[2]


def test_a_number_may_be_asked_for_five_times_an_hour(client, tree, exam, deferred):
    answers = [client.post("/recover/", ASK).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_weak_new_password_does_not_use_the_code_up(client, candidate, exam, sent, deferred):
    ask(client, deferred)
    code = re.search(r"验证码([0-9]{6})", sent[0])[1]
    weak = client.post("/recover/code/", {"code": code, "password": "short", "again": "short"})
    assert weak.status_code == 422
    assert 'id="id_password_error"' in body(weak)
    assert client.post("/recover/code/", {"code": code, "password": NEW, "again": NEW}).status_code == 302


def test_a_counter_prints_a_code_that_another_looks_at(client, candidate, exam, sent, monkeypatch):
    make_person("clerk", ("1101", "point_clerk"))
    make_person("manager", ("1101", "point_manager"))
    here = {"text": IDENTITY, "seen": "on"}
    enter(client, "clerk")
    url = f"/office/{exam.slug}/recovery/"
    nobody = client.post(url, here)
    assert nobody.status_code == 422  # not registered at this point
    row = SimpleNamespace(candidate_id=candidate.pk, name=candidate.name)
    monkeypatch.setattr(counter_codes.registration, "rows", lambda **_: [row])
    assert client.post(url, {"text": IDENTITY}).status_code == 422  # not seen
    slip = body(client.post(url, here))
    code = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{4})</strong>", slip)[1]
    assert any("一次性代码" in words for words in sent)
    visitor = type(client)()
    wrong = visitor.post("/recover/paper/", {"username": OTHER, "code": code, "password": NEW, "again": NEW})
    assert wrong.status_code == 422
    done = visitor.post(
        "/recover/paper/", {"username": IDENTITY, "code": code, "password": NEW, "again": NEW}
    )
    assert done["Location"] == "/sign-in/"
    manager = type(client)()
    enter(manager, "manager")
    page = body(manager.get(f"{url}review/"))
    action = re.search(r'action="([^"]*reviewed/)"', page)[1]
    assert manager.post(action).status_code == 302
    with acting(SYSTEM):
        assert Recovery.objects.get(way="counter").reviewed_at is not None


@pytest.mark.parametrize(
    ("kind", "typed", "country", "again"),
    [
        ("passport", "l898902c3", "GBR", "L898902C36"),
        ("hk_macao_permit", "h1234567801", "", "H12345678"),
        ("taiwan_permit", "12345678", "", "1234567802(B)"),
    ],
)
def test_people_with_other_documents_open_accounts_and_sign_in(client, exam, kind, typed, country, again):
    about = {"document": kind, "username": typed, "country": country}
    new = {**about, "name": "Ann Other", "phone": "13900139000", "password": PASSWORD, "again": PASSWORD}
    assert client.post("/sign-up/", new).status_code == 302
    with acting(SYSTEM):
        made = Candidate.objects.get()
    assert made.document_kind == kind
    client.post("/sign-out/")
    entered = client.post("/sign-in/", {**about, "username": again, "password": PASSWORD})
    assert entered.status_code == 302
    # The same number under another kind, or of another country, is somebody else.
    stranger = type(client)().post("/sign-in/", {"username": typed, "password": PASSWORD})
    assert stranger.status_code == 422
    twice = type(client)().post("/sign-up/", new | {"username": again})
    assert twice.status_code == 422


def test_fifteen_digits_and_eighteen_are_one_person(client, exam):
    new = {
        "username": "110105491231002",
        "name": "王小明",
        "phone": "13800138000",
        "password": PASSWORD,
        "again": PASSWORD,
    }
    assert client.post("/sign-up/", new).status_code == 302
    client.post("/sign-out/")
    assert client.post("/sign-in/", {"username": IDENTITY, "password": PASSWORD}).status_code == 302
    assert type(client)().post("/sign-up/", new | {"username": IDENTITY}).status_code == 422


def test_only_the_kinds_that_a_programme_admits_are_offered(client, exam, monkeypatch):
    from keju.web.site.pages import signing

    monkeypatch.setattr(signing, "document_kinds", lambda: ("resident",))
    page = body(client.get("/sign-up/?document=passport"))
    assert "passport" not in page.replace("?document=passport", "")
    assert "居民身份证" in page


def test_my_contact_details_are_mine_to_change(client, candidate, exam):
    client.post("/sign-in/", {"username": IDENTITY, "password": PASSWORD})
    page = body(client.get("/my/contact/"))
    assert 'value="13800138000"' in page
    new = {"phone": "139 0013 9000", "email": "a@example.org", "language": "en"}
    assert client.post("/my/contact/", new).status_code == 302
    assert client.post("/my/contact/", new | {"email": "not an address"}).status_code == 422
    with acting(SYSTEM):
        kept = Candidate.objects.get(pk=candidate.pk)
        assert (
            Event.objects.filter(kind="accounts.contact.kept", subject=f"candidate:{candidate.pk}").count()
            == 1
        )
    assert (kept.phone, kept.email, kept.language) == ("139 0013 9000", "a@example.org", "en")
    assert now() >= kept.made_at


def test_the_former_telephone_learns_that_it_was_changed(client, candidate, exam):
    client.post("/sign-in/", {"username": IDENTITY, "password": PASSWORD})
    kept = {"phone": "13911112222", "email": "", "language": "zh"}
    for _ in range(2):  # said once: the second time nothing changes
        assert client.post("/my/contact/", kept).status_code == 302
    with acting(SYSTEM):
        (told,) = Delivery.objects.filter(kind="accounts.contact.changed")
        assert (told.address, "139****2222" in told.body) == ("13800138000", True)
        assert Message.objects.filter(candidate=candidate, kind="accounts.contact.changed").count() == 1
