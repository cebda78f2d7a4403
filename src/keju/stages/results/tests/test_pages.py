"""The pages of results: the whole way from proposal to transcript by requests alone, and every door."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from keju.kernel.documents.codes import sign_code
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.stages.results.models import Decision, Proposal, Release
from keju.stages.results.tests.year import (
    SYSTEM,
    candidate_client,
    identity,
    office_client,
    released_exam,
    sat_exam,
)

pytestmark = pytest.mark.django_db
LINES = {"general-licensed": 240, "general-assistant": 200, "aquatic-licensed": 230, "aquatic-assistant": 190}
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
    office.cache_clear()


@pytest.fixture
def exam() -> Exam:
    return sat_exam()


@pytest.fixture
def released() -> Exam:
    return released_exam()


def at(name: str, exam: Exam, **more: object) -> str:
    return reverse(f"results-{name}", kwargs={"exam": exam.slug, **more})


@pytest.mark.rule("V17.3", "V1.1", "V1.2", "V17.2.2")
def test_from_proposal_to_result_in_the_browser(exam: Exam) -> None:
    officer = office_client("office_officer", "office")
    tried = officer.get(at("propose", exam), LINES).content.decode()
    assert "40.0%" in tried  # two of five general candidates would be licensed
    assert officer.post(at("propose", exam), {**LINES, "reason": "往年"}).status_code == 302
    with acting(SYSTEM):
        proposal = Proposal.objects.get()
    members = [office_client("committee_member", "committee") for _ in range(2)]
    for member in members:
        page = member.get(at("home", exam)).content.decode()
        assert proposal.digest in page
        vote = {"answer": "approve", "seen": proposal.digest}
        assert member.post(at("vote", exam, proposal_id=proposal.pk), vote).status_code == 302
        assert (
            member.post(at("vote", exam, proposal_id=proposal.pk), vote).status_code == 409
        )  # a double click
    for expected in (302, 409):
        assert members[0].post(at("decide", exam, proposal_id=proposal.pk)).status_code == expected
    keeper = office_client("centre_data", "centre")
    for expected in (302, 409):
        assert keeper.post(at("release", exam)).status_code == expected
    with acting(SYSTEM):
        assert (Decision.objects.count(), Release.objects.count()) == (1, 1)
    page = candidate_client(1).get(at("mine", exam)).content.decode()
    assert "260" in page and "欧阳小明" in page and "V17.4" in page


@pytest.mark.rule("V17.3")
def test_a_vote_on_something_else_is_stale(exam: Exam) -> None:
    office_client("office_officer", "office").post(at("propose", exam), {**LINES, "reason": "x"})
    with acting(SYSTEM):
        proposal = Proposal.objects.get()
    member = office_client("committee_member", "committee")
    for seen in ({}, {"seen": "0" * 64}):
        answer = member.post(at("vote", exam, proposal_id=proposal.pk), {"answer": "approve", **seen})
        assert answer.status_code == 409


@pytest.mark.rule("V17.3")
def test_lines_in_the_wrong_order_are_explained_and_not_proposed(exam: Exam) -> None:
    officer = office_client("office_officer", "office")
    answer = officer.post(at("propose", exam), {**LINES, "general-assistant": 300, "reason": "x"})
    assert answer.status_code == 200 and "必须高于" in answer.content.decode()
    with acting(SYSTEM):
        assert not Proposal.objects.exists()


@pytest.mark.rule("V17.1.3")
@pytest.mark.parametrize(("role", "code"), [("region_officer", "11"), ("centre_exam", "centre")])
def test_who_does_not_decide_sees_no_number_before_the_release(exam: Exam, role: str, code: str) -> None:
    office_client("office_officer", "office").post(at("propose", exam), {**LINES, "reason": "x"})
    client = office_client(role, code)
    page = client.get(at("home", exam)).content.decode()
    assert "240" not in page and "<svg viewBox" not in page
    assert client.get(at("propose", exam)).status_code == 403
    assert "1111010001" not in client.get(at("passes", exam)).content.decode()


@LANGUAGES
@pytest.mark.parametrize("serial", [1, 3, 5])
def test_a_result_with_its_absences_in_both_languages(released: Exam, language: str, serial: int) -> None:
    client = candidate_client(serial)
    page = client.get(at("mine", released), {"lang": language}).content.decode()
    assert str({1: 260, 3: 160, 5: 99}[serial]) in page
    assert (("缺考" if language == "zh" else "Absent") in page) is (serial == 5)
    assert client.get(at("step", released)).status_code == 200
    pdf = client.post(at("transcript", released), {"language": language})
    assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF")


@pytest.mark.rule("V17.2.2")
def test_the_look_up_needs_both_numbers_and_tires(released: Exam) -> None:
    client = Client()
    good = {"ticket": "1111010001", "identity": identity(1).lower()}
    assert "260" in client.post(at("lookup", released), good).content.decode()
    wrong = client.post(at("lookup", released), {**good, "identity": identity(2)}).content.decode()
    assert "260" not in wrong and "没有查到" in wrong
    for _ in range(25):
        answer = client.post(at("lookup", released), good)
    assert answer.status_code == 429 and "260" not in answer.content.decode()


@pytest.mark.rule("V17.1.3")
def test_the_look_up_says_nothing_before_the_release(exam: Exam) -> None:
    page = Client().post(at("lookup", exam), {"ticket": "1111010001", "identity": identity(1)})
    assert "欧阳小明" not in page.content.decode()
    assert "欧阳小明" not in candidate_client(1).get(at("mine", exam)).content.decode()


@LANGUAGES
def test_anybody_verifies_a_transcript(released: Exam, language: str) -> None:
    code = sign_code("transcript", f"{released.slug}|1111010001")
    page = Client().get(reverse("results-verify"), {"code": code, "lang": language}).content.decode()
    assert "260" in page and "欧阳小明" in page
    assert "260" not in Client().get(reverse("results-verify"), {"code": code[:-2]}).content.decode()


@pytest.mark.rule("V17.2.1")
def test_registers_are_sent_by_the_office_and_fetched_by_the_region(released: Exam) -> None:
    officer = office_client("office_officer", "office")
    assert officer.get(at("registers", released)).status_code == 200
    for expected in (302, 409):
        assert officer.post(at("register-send", released, region="11")).status_code == expected
    beijing, hebei = office_client("region_officer", "11"), office_client("region_officer", "13")
    for kind, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        address = at("register-file", released, region="11", kind=kind)
        assert beijing.get(address).content.startswith(start)
        assert hebei.get(address).status_code == 404
    assert beijing.post(at("register-send", released, region="13")).status_code == 403


def test_the_list_of_passes_filters_exports_and_stays_in_its_region(released: Exam) -> None:
    beijing = office_client("region_officer", "11")
    page = beijing.get(at("passes", released)).content.decode()
    assert "1111010001" in page and "1113010006" not in page and "1111010003" not in page
    narrowed = beijing.get(at("passes", released), {"category": "aquatic"}).content.decode()
    assert "1111010004" in narrowed and "1111010001" not in narrowed
    assert beijing.get(at("passes-export", released)).content.startswith(b"PK")
    for name in ("home", "figures", "badge", "registers"):
        assert beijing.get(at(name, released)).status_code == 200


def test_get_never_writes(released: Exam) -> None:
    officer = office_client("office_officer", "office")
    for name, more in (("release", {}), ("vote", {"proposal_id": 1}), ("register-send", {"region": "11"})):
        assert officer.get(at(name, released, **more)).status_code == 405
