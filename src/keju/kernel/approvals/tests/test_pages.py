"""The inbox, one proposal, signing with the device, and the API; a wrong code stays counted."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts import services as accounts
from keju.kernel.approvals import pages, services
from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.approvals.needing import Need
from keju.kernel.approvals.tests.world import SYSTEM, content, someone, tree
from keju.kernel.calendar import now
from keju.kernel.exams import services as exams
from keju.kernel.offices import acting, queries

pytestmark = pytest.mark.django_db
KEY = b"2" * 20


@pytest.fixture
def exam(db):
    tree()
    with acting(SYSTEM):
        return exams.make(
            slug="vet-2027",
            programme="veterinarian",
            year=2027,
            exam_day=date(2027, 10, 17),
            rules_as_of=date(2027, 1, 1),
            is_rehearsal=False,
            by=SYSTEM,
            at=now(),
        )


def signed_in(role: str, code: str) -> Client:
    with acting(SYSTEM):
        office = queries.office(code)
        person = accounts.add_person(
            name="某领导", username=role, password="a long enough phrase", office=office, by=SYSTEM, at=now()
        )
        accounts.post(
            person=person, office=office, role=role, starts_on=date(2020, 1, 1), by=SYSTEM, at=now()
        )
    device = TOTPDevice.objects.create(user=person.login, name="t", key=KEY.hex(), confirmed=True)
    client = Client()
    client.force_login(person.login, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


@pytest.fixture
def row(exam) -> Proposal:
    return propose(exam, "bag:1")


def propose(exam, subject: str) -> Proposal:
    by = someone("提请人", "region_officer", "13").actor
    with acting(by):
        return services.propose(
            kind="test.open",
            subject=subject,
            exam=exam,
            office_path="/13/",
            content=content("袋 0042"),
            needs=[Need("region_leader")],
            expires_at=now() + timedelta(days=3),
            rules=["P5.1"],
            by=by,
            at=now(),
        )


def page(name: str, row: Proposal) -> str:
    return reverse(f"approvals-{name}", args=["vet-2027", row.pk])


def code() -> str:
    return f"{TOTP(KEY).token():06d}"


def signatures() -> int:
    with acting(SYSTEM):
        return Signature.objects.count()


def test_a_leader_finds_reads_and_signs(row):
    client = signed_in("region_leader", "13")
    assert "badge-count" in client.get(reverse("approvals-badge", args=["vet-2027"])).content.decode()
    listed = client.get(reverse("approvals-list", args=["vet-2027"])).content.decode()
    assert page("proposal", row) in listed
    shown = client.get(page("proposal", row)).content.decode()
    assert "袋 0042" in shown and row.content_hash in shown
    used = code()
    answer = client.post(page("sign", row), {"content_hash": row.content_hash, "code": used})
    assert answer.status_code == 302 and signatures() == 1
    for show in ("signed", "proposed", "waiting", "nonsense"):
        assert client.get(reverse("approvals-list", args=["vet-2027"]) + f"?show={show}").status_code == 200
    assert client.post(page("sign", row), {"content_hash": row.content_hash, "code": used}).status_code == 409


def test_a_long_list_has_further_pages(exam, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    made = [propose(exam, f"bag:{n}") for n in range(3)]
    client, listed = signed_in("region_leader", "13"), reverse("approvals-list", args=["vet-2027"])
    first, second = (client.get(listed + ask).content.decode() for ask in ("", "?after=2"))
    assert [page("proposal", row) in first for row in made] == [True, True, False]
    assert [page("proposal", row) in second for row in made] == [False, False, True]
    assert "after=2" in first and "共 3 条" in first


def test_a_wrong_code_signs_nothing_and_the_next_has_to_wait(row):
    client = signed_in("region_leader", "13")
    answer = client.post(page("sign", row), {"content_hash": row.content_hash, "code": "000000"})
    assert answer.status_code == 422 and "每错一次" in answer.content.decode()
    assert TOTPDevice.objects.get().throttling_failure_count == 1
    answer = client.post(page("sign", row), {"content_hash": row.content_hash, "code": code()})
    assert answer.status_code == 422 and signatures() == 0
    TOTPDevice.objects.update(throttling_failure_timestamp=now() - timedelta(minutes=5))
    assert client.post(page("sign", row), {"content_hash": "1" * 64, "code": code()}).status_code == 409
    assert client.post(page("sign", row), {"content_hash": "x", "code": code()}).status_code == 422


def test_refusing_needs_a_reason(row):
    client = signed_in("region_leader", "13")
    assert client.post(page("refuse", row), {"reason": ""}).status_code == 422
    assert client.post(page("withdraw", row), {"reason": "x"}).status_code == 409
    assert client.post(page("refuse", row), {"reason": "袋号不符"}).status_code == 302
    assert "袋号不符" in client.get(page("proposal", row)).content.decode()


def test_who_has_nothing_to_do_with_it_finds_nothing(row):
    client = signed_in("region_finance", "13")
    assert client.get(page("proposal", row)).status_code == 200  # of the proposer's office
    client = signed_in("centre_exam", "centre")
    assert client.get(page("proposal", row)).status_code == 404
    assert client.post(page("sign", row), {"content_hash": row.content_hash, "code": "1"}).status_code == 404


def test_the_api_signs_with_the_same_door(row):
    client = signed_in("region_leader", "13")
    base = "/api/v1/approvals/vet-2027/proposals"
    assert [one["id"] for one in client.get(base).json()] == [row.pk]
    assert client.get(f"{base}?show=proposed").json()[0]["state"] == "open"
    whole = client.get(f"{base}/{row.pk}").json()
    assert whole["missing"] == [{"what": "region_leader", "at_path": "", "count": 1}]

    def post(act: str, body: dict):
        token = client.get(reverse("approvals-list", args=["vet-2027"])).context["csrf_token"]
        return client.post(
            f"{base}/{row.pk}/{act}",
            body,
            content_type="application/json",
            headers={"X-CSRFToken": str(token)},
        )

    wrong = post("sign", {"content_hash": row.content_hash, "code": "000000"})
    assert wrong.status_code == 422 and wrong.json()["reasons"][0]["field"] == "code"
    TOTPDevice.objects.update(throttling_failure_count=0)
    done = post("sign", {"content_hash": row.content_hash, "code": code()})
    assert done.status_code == 200 and done.json()["state"] == "approved"
    assert post("withdraw", {"reason": "x"}).status_code == 409
    assert post("refuse", {"reason": "x"}).json()["state"] == "refused"
