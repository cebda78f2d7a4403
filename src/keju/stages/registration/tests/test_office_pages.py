"""Registrations as offices see them: scope, filters, export, unmasking, photos, the confirmation place."""

import pytest
from django.test import Client

from keju.kernel.audit.models import Event
from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam, Opening
from keju.kernel.jobs.models import Job
from keju.kernel.jobs.services import run_now
from keju.kernel.offices import acting
from keju.stages.registration import queries, services
from keju.stages.registration.models import Registration
from keju.stages.registration.pages import listing
from keju.stages.registration.tests.test_registering import make_exam, submission
from keju.stages.registration.tests.year import (
    ROOT,
    at,
    cells,
    doubtful_photo,
    open_now,
    sign_in,
    signed_in,
    text,
    with_photo,
)

pytestmark = pytest.mark.django_db
LONG = "阿依古丽·买买提江·阿不都热合曼·吐尔逊𠮷㛃"


@pytest.fixture
def exam(settings, tmp_path, db) -> Exam:
    settings.FILES_ROOT = tmp_path
    exam = make_exam()
    open_now(exam, now())
    return exam


@pytest.fixture
def people(exam: Exam) -> list[int]:
    """Two at 1101 (a long name, a doubted photo), one at 1301."""
    return [
        with_photo(exam, 1, now(exam), name=LONG)[1],
        with_photo(exam, 2, now(exam), doubtful_photo(), category="aquatic")[1],
        with_photo(exam, 3, now(exam), point_code="1301")[1],
    ]


@pytest.mark.parametrize(
    ("code", "role", "seen"),
    [
        ("1101", "point_clerk", [0, 1]),
        ("1101", "point_manager", [0, 1]),
        ("11", "region_officer", [0, 1]),
        ("13", "region_officer", [2]),
        ("centre", "centre_exam", [0, 1, 2]),
        ("office", "office_officer", [0, 1, 2]),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_office_sees_exactly_its_own(
    exam: Exam, people: list[int], client: Client, code: str, role: str, seen: list[int], language: str
) -> None:
    signed_in(client, code, role)
    page = text(client.get(at("registration-list") + f"?lang={language}"))
    numbers = [queries.number_of(exam, pk) for pk in people]
    assert [n for n in numbers if n in page] == [numbers[i] for i in seen]
    assert submission(1).identity not in page
    for n, pk in enumerate(people):
        for name in ("registration-detail", "registration-photo"):
            response = client.get(at(name, registration_id=pk))
            assert response.status_code == (200 if n in seen else 404), name
    assert text(client.get(at("registration-figures"))).count(f">{len(seen)}<") >= 1


@pytest.mark.parametrize(("code", "role"), [("11", "region_finance"), ("centre", "centre_scoring")])
def test_who_has_no_business_here_is_refused(exam: Exam, client: Client, code: str, role: str) -> None:
    signed_in(client, code, role)
    for name in ("registration-list", "registration-export", "registration-point", "registration-import"):
        assert client.get(at(name)).status_code == 403
    sign_in(candidate := Client())
    assert candidate.get(at("registration-list")).status_code in (302, 403)


def test_filters_narrow_and_stay_in_the_address(exam: Exam, people: list[int], client: Client) -> None:
    signed_in(client, "centre", "centre_exam")
    numbers = [queries.number_of(exam, pk) for pk in people]

    def found(**asked: str) -> list[int]:
        page = text(client.get(at("registration-list"), asked))
        return [i for i, n in enumerate(numbers) if f">{n}<" in page]

    assert found(state="submitted") == [0, 1, 2] and found(state="confirmed") == []
    assert found(category="aquatic") == [1]
    assert found(point="13") == [2] and found(point="11") == [0, 1]
    assert found(q="阿依古丽") == [0]
    assert found(q=submission(2).identity) == [1]
    assert found(q=numbers[2]) == [2]
    assert found(state="nonsense", point="77", after="x") == [0, 1, 2]
    scanned = client.get(at("registration-list"), {"q": services.code_of(exam, people[1])})
    assert scanned.headers["Location"] == at("registration-detail", registration_id=people[1])
    assert found(q="K1.abc.def") == []
    assert found(q="K1." + "x" * 200) == []


def test_the_total_is_kept_and_right(exam: Exam, people: list[int]) -> None:
    with acting(ROOT):
        for filters in (
            queries.Filters(),
            queries.Filters(state="submitted", category="aquatic"),
            queries.Filters(point_code="13"),
            queries.Filters(point_code="1101", state="confirmed"),
        ):
            counted = len(queries.rows(viewer=ROOT, exam=exam, filters=filters))
            assert queries.total(viewer=ROOT, exam=exam, filters=filters) == counted


def test_history_shows_an_office_no_more_than_a_list_does(
    exam: Exam, people: list[int], client: Client
) -> None:
    by, pk = with_photo(exam, 4, now(exam))
    with acting(by):
        photo = Registration.objects.get(pk=pk).photo_sha256
        changed = submission(4, phone="13911112222", address="中关村大街27号院", photo_sha256=photo)
        services.edit(exam=exam, registration_id=pk, submission=changed, version=1, by=by, at=now(exam))
    signed_in(client, "1101", "point_clerk")
    page = text(client.get(at("registration-detail", registration_id=pk)))
    assert "138****0000" in page and "139****2222" in page and "中关村大街2****" in page
    assert "13911112222" not in page and "27号院" not in page


def test_pages_are_walked_by_key(exam: Exam, people: list[int], client: Client, monkeypatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    signed_in(client, "centre", "centre_exam")
    first = text(client.get(at("registration-list")))
    assert queries.number_of(exam, people[2]) not in first
    second = text(client.get(at("registration-list") + f"?after={people[1]}"))
    assert f"after={people[1]}" in first
    assert [queries.number_of(exam, pk) in second for pk in people] == [False, False, True]


def test_the_export_is_exactly_what_is_shown(exam: Exam, people: list[int], client: Client) -> None:
    signed_in(client, "11", "region_officer")
    data = client.get(at("registration-export"), {"category": "general"})
    rows = cells(data.content)
    assert [r[1] for r in rows[1:]] == [LONG]
    assert rows[1][0] == queries.number_of(exam, people[0]) and rows[1][4].count("*") == 8
    assert client.get(at("registration-export"), {"state": "withdrawn"}).status_code == 422


def test_a_large_export_is_a_job(exam: Exam, people: list[int], client: Client, monkeypatch) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", 1)
    signed_in(client, "11", "region_officer")
    at_once = client.get(at("registration-export"), {"category": "general"})  # a single row
    assert at_once.content.startswith(b"PK")
    page = text(client.get(at("registration-export")))
    assert at("registration-export-job") in page
    started = client.post(at("registration-export-job"), {"q": "阿依古丽"})
    with acting(ROOT):
        job = run_now(Job.objects.get())
    assert started.headers["Location"] == at("jobs-job", job=job.public) and job.state == "done"
    result = client.get(at("jobs-result", job=job.public))
    assert [r[1] for r in cells(result.content)[1:]] == [LONG]


def test_unmasking_needs_a_reason_and_is_on_record(exam: Exam, people: list[int], client: Client) -> None:
    signed_in(client, "1101", "point_clerk")
    address = at("registration-unmask", registration_id=people[0])
    assert submission(1).identity not in text(
        client.get(at("registration-detail", registration_id=people[0]))
    )
    assert submission(1).identity not in text(client.post(address, {"reason": " "}), 422)
    assert client.get(address).status_code == 405
    page = text(client.post(address, {"reason": "核对证件"}))
    assert submission(1).identity in page and "13800000000" in page
    with acting(ROOT):
        event = Event.objects.get(kind="registration.identity.unmasked")
    assert event.subject == f"registration:{people[0]}" and event.data == {"reason": "核对证件"}
    elsewhere = at("registration-unmask", registration_id=people[2])
    assert client.post(elsewhere, {"reason": "x"}).status_code == 404


def test_a_region_reads_but_only_the_clerk_accepts_a_photo(
    exam: Exam, people: list[int], client: Client
) -> None:
    address = at("registration-overrule", registration_id=people[1])
    signed_in(client, "11", "region_officer")
    page = text(client.get(at("registration-detail", registration_id=people[1])))
    assert "V5.2.2" in page and address not in page
    assert client.post(address, {"reason": "x"}).status_code == 403


@pytest.mark.rule("V5.2.2")
def test_a_person_overrules_the_judged_criteria_with_a_reason(
    exam: Exam, people: list[int], client: Client
) -> None:
    signed_in(client, "1101", "point_clerk")
    address = at("registration-overrule", registration_id=people[1])
    text(client.post(address, {"reason": ""}), 422)
    assert client.post(address, {"reason": "背景其实是深色"}).status_code == 302
    with acting(ROOT):
        assert Registration.objects.get(pk=people[1]).photo_overruled_by.startswith("person:")
    assert address not in text(client.get(at("registration-detail", registration_id=people[1])))


@pytest.mark.rule("V5.1.1")
def test_a_point_says_where_it_confirms_and_can_then_be_chosen(exam: Exam, client: Client) -> None:
    with acting(ROOT):
        Opening.objects.filter(office_id="1101").update(address="", hours="")
    signed_in(client, "1101", "point_manager")
    assert "V5.1.1" in text(client.get(at("registration-point")))
    text(client.post(at("registration-point"), {"address": "x"}), 422)
    place = {"address": "中关村大街1号", "hours": "9–17", "contact": "李", "phone": "010-1"}
    assert client.post(at("registration-point"), place).status_code == 302
    assert "中关村大街1号" in text(client.get(at("registration-point")))
    assert [p.ready for p in queries.places(exam=exam, region_code="11")] == [True]


@pytest.mark.rule("V5.1.1")
def test_a_point_that_is_not_opened_is_told_to_ask_its_region(exam: Exam, client: Client) -> None:
    signed_in(client, "1302", "point_manager")
    page = text(client.get(at("registration-point")))
    assert 'name="address"' not in page and "考区" in page
    place = {"address": "x", "hours": "9", "contact": "李", "phone": "1"}
    assert client.post(at("registration-point"), place).status_code == 404


def test_empty_lists_say_what_fills_them(exam: Exam, client: Client) -> None:
    signed_in(client, "1101", "point_manager")
    page = text(client.get(at("registration-list")))
    assert "empty-box" in page and at("registration-import") in page
    assert "empty-box" in text(client.get(at("registration-list") + "?q=nobody"))
