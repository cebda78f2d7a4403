"""The pages of duties, as a person meets them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from keju.kernel.duties import services
from keju.kernel.duties.models import Obligation
from keju.kernel.notices.tests.year import AT, ROOT, china, exam_of_2011, signed_in
from keju.kernel.offices import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(settings, tmp_path):
    settings.FILES_ROOT = settings.STATIC_ROOT = tmp_path
    exam = exam_of_2011()
    services.reach(exam=exam, key="confirmation_ends", when=china(2011, 6, 30, 17), by=ROOT, at=AT)
    services.reach(exam=exam, key="exam_day", when=china(2011, 10, 16, 9), by=ROOT, at=AT)
    services.reach(exam=exam, key="exam_ends", when=china(2011, 10, 16, 17), by=ROOT, at=AT)
    return exam


def at(name, **more):
    return reverse(name, kwargs={"exam": "vet-2011", **more})


def text(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def duty(code, owner):
    with acting(ROOT):
        return Obligation.objects.filter(code=code, owner_code=owner).first().pk


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("code", "role"), [("13", "region_officer"), ("1301", "point_clerk"), ("centre", "centre_exam")]
)
def test_every_office_has_a_home_with_what_it_owes_and_is_owed(exam, client, code, role, language):
    signed_in(client, code, role)
    page = text(client.get(at("office-home") + f"?lang={language}"))
    for heading in {
        "zh": ("本单位应办", "应向本单位办理", "今天"),
        "en": ("What we owe", "owed to us", "Today"),
    }[language]:
        assert heading in page
    if code == "13":
        assert at("duties-duty", duty=duty("V5.4", "13")) in page
        assert at("duties-duty", duty=duty("V5.3.3", "1301")) in page
        assert at("duties-duty", duty=duty("V5.4", "11")) not in page


def test_filters_stay_in_the_address(exam, client):
    signed_in(client, "13", "region_officer")
    page = text(client.get(at("duties-list") + "?side=theirs&rule=V5.3.3&office=1301"))
    assert at("duties-duty", duty=duty("V5.3.3", "1301")) in page
    assert at("duties-duty", duty=duty("V5.3.3", "1302")) not in page
    assert '<option value="theirs" selected>' in page
    text(client.get(at("duties-list") + "?side=nonsense&state=x&after=y"))


def test_the_owner_discharges_with_evidence_and_a_scan(exam, client):
    signed_in(client, "13", "region_officer")
    pk = duty("V16.3", "13")
    page = text(client.get(at("duties-duty", duty=pk)))
    assert 'name="evidence"' in page
    text(client.post(at("duties-duty", duty=pk), {"evidence": ""}), 422)
    scan = SimpleUploadedFile("证明.png", b"\x89PNG\r\n\x1a\nscan", content_type="image/png")
    done = client.post(at("duties-duty", duty=pk), {"evidence": "验收合格证号7", "file": scan})
    assert done.status_code == 302
    page = text(client.get(at("duties-duty", duty=pk)))
    assert "验收合格证号7" in page and 'name="evidence"' not in page
    assert client.get(at("duties-file", duty=pk)).content.endswith(b"scan")
    assert client.post(at("duties-duty", duty=pk), {"evidence": "again"}).status_code == 409
    client.logout()
    signed_in(client, "centre", "centre_exam")
    assert client.get(at("duties-file", duty=pk)).content.endswith(b"scan")


def test_others_see_no_form_and_are_refused(exam, client):
    pk = duty("V16.3", "13")
    signed_in(client, "centre", "centre_exam")
    assert 'name="evidence"' not in text(client.get(at("duties-duty", duty=pk)))
    assert client.post(at("duties-duty", duty=pk), {"evidence": "x"}).status_code == 403
    client.logout()
    signed_in(client, "11", "region_officer")
    assert client.get(at("duties-duty", duty=pk)).status_code == 404
    assert client.get(at("duties-file", duty=pk)).status_code == 404


def test_a_duty_that_the_system_closes_offers_no_form(exam, client):
    signed_in(client, "13", "region_officer")
    page = text(client.get(at("duties-duty", duty=duty("V5.4", "13"))))
    assert 'name="evidence"' not in page and "自动办结" in page and "20个工作日" in page


def test_the_badge_counts_what_is_open(exam, client):
    signed_in(client, "1301", "point_clerk")
    with acting(ROOT):
        number = Obligation.objects.filter(owner_code="1301").count()
    assert f">{number}<" in text(client.get(at("duties-badge")))


def test_without_a_sign_in_there_is_no_board(exam, client):
    response = client.get(at("office-home"))
    assert response.status_code == 302 and "next=" in response.headers["Location"]


def test_the_home_shows_only_figures_that_its_reader_may_open(exam, client):
    signed_in(client, "1301", "point_clerk")
    page = text(client.get(at("office-home")))
    assert at("registration-figures") in page
    assert at("results-figures") not in page
    assert at("fees-figures") not in page
