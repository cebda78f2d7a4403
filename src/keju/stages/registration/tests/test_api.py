"""The API: one's own registration, offices' lists; another region's row does not exist."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from keju.kernel.calendar import now
from keju.kernel.exams.access import CANDIDATE
from keju.kernel.exams.models import Exam
from keju.stages.registration.tests.test_registering import make_exam
from keju.stages.registration.tests.year import close, good_photo, open_now, sign_in, signed_in, with_photo

pytestmark = pytest.mark.django_db
# With the one savepoint that a test has where a request has a transaction.
PHOTO_STATEMENTS, SUBMIT_STATEMENTS = 14, 31
BASE = "/api/v1/registration/vet-2011"


@pytest.fixture
def exam(settings, tmp_path, db) -> Exam:
    settings.FILES_ROOT = tmp_path
    exam = make_exam()
    open_now(exam, now())
    return exam


def send(client: Client, path: str, body: dict, method: str = "post") -> tuple[int, dict]:
    answer = getattr(client, method)(BASE + path, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def remembered(client: Client, candidate_id: int) -> None:
    """The session says who the candidate is, as the sign-in page leaves it."""
    session = client.session
    session[CANDIDATE] = candidate_id
    session.save()


def upload(client: Client) -> str:
    sent = client.post(f"{BASE}/photo", {"photo": SimpleUploadedFile("p.jpg", good_photo())})
    assert sent.status_code == 201, sent.content
    return sent.json()["sha256"]


def stated(sha: str, **changes: object) -> dict:
    return {
        "name": "欧阳小明", "phone": "13800000000", "address": "某路", "category": "general", "route": "diploma",
        "route_facts": {"degree": "bachelor", "major": "veterinary", "school": "某大学"}, "point_code": "1101",
        "photo_sha256": sha, "pledge": True, **changes,
    }  # fmt: skip


@pytest.mark.rule("V5.2.1", "V5.3.0")
def test_register_change_withdraw(exam: Exam, client: Client) -> None:
    sign_in(client)
    assert client.get(f"{BASE}/own").status_code == 404
    sha = upload(client)
    status, body = send(client, "/own", stated(sha))
    assert status == 201 and body["version"] == 1 and body["photo_sha256"] == sha
    status, body = send(client, "/own", stated(sha))
    assert status == 409 and body["reasons"][0]["rule"] == "V5.3.0"
    status, body = send(client, "/own", {**stated(sha, name="欧阳晓明"), "version": 1}, "put")
    assert (status, body["name"], body["version"]) == (200, "欧阳晓明", 2)
    assert send(client, "/own", {**stated(sha), "version": 1}, "put")[0] == 409
    status, body = send(client, "/own/withdraw", {"version": 2, "reason": "病了"})
    assert (status, body["state"]) == (200, "withdrawn")


@pytest.mark.rule("V5.2.1")
def test_after_the_close_the_api_refuses_by_the_same_clause(exam: Exam, client: Client) -> None:
    sign_in(client)
    sha = upload(client)
    close(exam)
    status, body = send(client, "/own", stated(sha))
    assert status == 409 and {r["rule"] for r in body["reasons"]} == {"V5.2.1"}


def test_a_registration_takes_no_more_statements_than_it_did(exam: Exam, client: Client) -> None:
    """What it costs at a peak (`bench/registration.py`): one more here is one more for every candidate of the season."""
    remembered(client, sign_in(client).pk)
    sign_in(warm := Client(), 2)
    assert send(warm, "/own", stated(upload(warm)))[0] == 201  # what a process asks only once is asked
    with CaptureQueriesContext(connection) as photo:
        sha = upload(client)
    with CaptureQueriesContext(connection) as submission:
        assert send(client, "/own", stated(sha))[0] == 201
    told = [q["sql"][:120] for q in (*photo, *submission)]
    assert len(photo) <= PHOTO_STATEMENTS, "\n".join(told)
    assert len(submission) <= SUBMIT_STATEMENTS, "\n".join(told)


def test_the_session_says_where_to_look_not_who_one_is(exam: Exam, client: Client) -> None:
    other = sign_in(Client(), 2)
    sign_in(client)
    assert client.get(f"{BASE}/own").status_code == 404
    remembered(client, other.pk)
    assert client.get(f"{BASE}/own").status_code == 403


@pytest.mark.rule("V5.2.2")
def test_anothers_photo_cannot_be_used(exam: Exam, client: Client) -> None:
    sign_in(client)
    sha = upload(client)
    sign_in(other := Client(), 2)
    status, body = send(other, "/own", stated(sha))
    assert status == 409 and body["reasons"][0]["rule"] == "V5.2.2"


def test_what_the_schema_does_not_know_is_422(exam: Exam, client: Client) -> None:
    sign_in(client)
    assert send(client, "/own", {})[0] == 422
    assert send(client, "/own", stated("x" * 65))[0] == 422
    assert send(client, "/own", stated("x", name="x" * 81))[0] == 422


def test_another_regions_row_does_not_exist(exam: Exam, client: Client) -> None:
    _, pk = with_photo(exam, 3, now(exam), point_code="1301")
    signed_in(client, "11", "region_officer")
    assert client.get(f"{BASE}/registrations/{pk}").status_code == 404
    assert client.get(f"{BASE}/registrations").json() == {"rows": [], "next": None}
    assert client.get(f"{BASE}/registrations/{2**63}").status_code == 422
    signed_in(other := Client(), "13", "region_officer")
    assert other.get(f"{BASE}/registrations/{pk}").json()["row"]["identity_masked"].count("*") == 8
    assert [r["id"] for r in other.get(f"{BASE}/registrations?size=1").json()["rows"]] == [pk]


def test_nobody_without_signing_in(exam: Exam, client: Client) -> None:
    assert client.get(f"{BASE}/own").status_code == 403
    assert client.get(f"{BASE}/registrations").status_code == 403
    sign_in(client)
    assert client.get(f"{BASE}/registrations").status_code == 403
