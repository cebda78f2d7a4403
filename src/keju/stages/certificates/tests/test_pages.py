"""The pages of certificates: from grant to collection and reissue by requests alone, and every door."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from keju.kernel.exams.models import Exam
from keju.kernel.jobs import services as jobs
from keju.kernel.jobs.models import Job
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.stages.certificates.models import Certificate, Collection, Reissue
from keju.stages.certificates.services.printing import code_of
from keju.stages.registration.models import Registration
from keju.stages.results.tests.year import SYSTEM, candidate_client, office_client, released_exam

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
    office.cache_clear()


@pytest.fixture
def exam() -> Exam:
    return released_exam()


def at(name: str, exam: Exam, **more: object) -> str:
    return reverse(f"certificates-{name}", kwargs={"exam": exam.slug, **more})


@pytest.fixture
def centre(exam: Exam) -> Client:
    """The certificate officer, with everything granted and on its way."""
    client = office_client("centre_certificates", "centre")
    for expected in (302, 409):  # the second is the double click
        assert client.post(at("grant", exam)).status_code == expected
    for expected in (302, 409):
        assert client.post(at("deliver", exam, point="1101")).status_code == expected
    return client


def pk_of(number: str) -> int:
    with acting(SYSTEM):
        return Certificate.objects.get(number=number).pk


@pytest.mark.rule("V18.1.1", "V18.1.2")
def test_counted_and_collected_at_the_counter(exam: Exam, centre: Client) -> None:
    clerk = office_client("point_clerk", "1101")
    assert clerk.post(at("receive", exam), {"counted": "2"}).status_code == 409
    assert clerk.post(at("receive", exam), {"counted": "3"}).status_code == 302
    found = clerk.get(at("find", exam), {"number": code_of(exam, "201111000002")})
    assert found.url == at("detail", exam, certificate_id=pk_of("201111000002"))
    page = clerk.post(found.url, {"identity_seen": "on"})
    assert page.status_code == 200 and "毕业证书" in page.content.decode()
    given = {"identity_seen": "on", "diploma": "on", "copies": "2"}
    assert clerk.post(found.url, given).status_code == 302
    clerk.post(found.url, given)
    with acting(SYSTEM):
        assert Collection.objects.count() == 1
    region = office_client("region_officer", "11")
    assert region.post(at("detail", exam, certificate_id=pk_of("201111000001")), given).status_code == 403


def test_the_list_is_searched_by_whatever_is_known_of_somebody(exam: Exam, centre: Client) -> None:
    with acting(SYSTEM):
        one = Certificate.objects.select_related("grant").order_by("number")[1]
        person = Registration.objects.get(pk=one.grant.registration_id)
        known = [one.number, one.grant.ticket_number, person.name[:2], person.identity]
        everybody = Certificate.objects.count()
    for text in known:
        found = centre.get(at("list", exam), {"q": f" {text} "}).context["rows"]
        assert one.number in [r["row"].number for r in found], text
        assert len(found) == 1 or text == person.name[:2]
    for text in ("不存在", "999999", "110101190001010000"):
        assert centre.get(at("list", exam), {"q": text}).context["rows"] == []
    elsewhere = office_client("region_officer", "13")
    for text in known:
        assert one.number not in [
            r["row"].number for r in elsewhere.get(at("list", exam), {"q": text}).context["rows"]
        ]
    assert len(centre.get(at("list", exam)).context["rows"]) == everybody


@pytest.mark.rule("V18.2")
def test_a_lost_certificate_goes_up_three_levels_in_the_browser(exam: Exam, centre: Client) -> None:
    holder = candidate_client(1)
    assert holder.post(at("ask", exam), {"reason": "遗失"}).status_code == 302
    assert holder.post(at("ask", exam), {"reason": "遗失"}).status_code == 409
    with acting(SYSTEM):
        request_id = Reissue.objects.get().pk
    clerk, region = office_client("point_clerk", "1101"), office_client("region_officer", "11")
    for version, (client, more) in enumerate(
        [(clerk, {"identity_copy": "on"}), (region, {}), (centre, {})], start=1
    ):
        assert client.get(at("reissues", exam)).status_code == 200
        assert client.get(at("badge", exam)).content.strip() == b'<span class="badge-count">1</span>'
        answer = {"answer": "pass", "version": str(version), **more}
        assert client.post(at("reissue-decide", exam, request_id=request_id), answer).status_code == 302
        assert client.post(at("reissue-decide", exam, request_id=request_id), answer).status_code == 409
    public = Client()
    old = public.get(reverse("certificates-verify"), {"text": "201111000001"}).content.decode()
    new = public.get(at("verify-exam", exam), {"text": "201111000004"}).content.decode()
    assert "已作废" in old and "已作废" not in new and "有效" in new
    assert "欧阳小明" not in old + new
    assert "201111000004" in holder.get(at("mine", exam)).content.decode()


@pytest.mark.rule("V18.1.1")
def test_a_point_is_printed_by_a_job(exam: Exam, centre: Client) -> None:
    answer = centre.post(at("print-point", exam, point="1101"))
    with acting(SYSTEM):
        job = Job.objects.get()
        done = jobs.run_now(job)
    assert (done.state, done.done) == ("done", 3)
    result = centre.get(answer.url + "result/")
    assert result.content.startswith(b"%PDF")
    one = centre.post(at("print", exam, certificate_id=pk_of("201111000001")))
    assert one.content.startswith(b"%PDF")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_in_both_languages(exam: Exam, centre: Client, language: str) -> None:
    for client in (centre, office_client("region_officer", "11"), office_client("point_clerk", "1101")):
        for name in ("home", "list", "figures", "badge", "reissues", "reissue-ask"):
            assert client.get(at(name, exam), {"lang": language}).status_code == 200
        assert client.get(at("export", exam)).content.startswith(b"PK")
        detail = at("detail", exam, certificate_id=pk_of("201111000002"))
        assert client.get(detail, {"lang": language}).status_code == 200
    for serial in (2, 3):
        client = candidate_client(serial)
        for name in ("mine", "step"):
            assert client.get(at(name, exam), {"lang": language}).status_code == 200


def test_other_offices_and_candidates_are_kept_out(exam: Exam, centre: Client) -> None:
    hebei = office_client("point_clerk", "1301")
    assert hebei.get(at("detail", exam, certificate_id=pk_of("201111000001"))).status_code == 404
    assert "201111" not in hebei.get(at("list", exam)).content.decode()
    for name, more in (("grant", {}), ("print-point", {"point": "1301"}), ("deliver", {"point": "1301"})):
        assert hebei.post(at(name, exam, **more)).status_code == 403
        assert centre.get(at(name, exam, **more)).status_code == 405
    assert "201111000001" not in candidate_client(2).get(at("mine", exam)).content.decode()
    assert candidate_client(3).post(at("ask", exam), {"reason": "x"}).status_code == 404
