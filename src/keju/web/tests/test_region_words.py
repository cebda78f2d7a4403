"""A region's officer records other media and answers candidates, on the pages."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from keju.kernel.audit.models import Event
from keju.kernel.calendar import now
from keju.kernel.exams import services as exams
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.stages.announcement.models import Answer, Publication
from keju.web.tests.conftest import SYSTEM, enter, make_person
from keju.web.tests.test_pages import page

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@pytest.fixture
def officer(client, exam):
    make_person("hebei", ("13", "region_officer"))
    with acting(SYSTEM):
        exams.open_office(exam=exam, office=office("13"), leader="王一", by=SYSTEM, at=now(exam))
    enter(client, "hebei")
    return client


@pytest.mark.rule("V3.3")
def test_a_newspaper_is_recorded_with_its_scan_and_struck_out_with_a_reason(officer, exam):
    home = f"/office/{exam.slug}/announcement/"
    new = {"medium": "newspaper", "title": "河北日报第3版", "published_on": now(exam).date().isoformat()}
    refused = officer.post(f"{home}media/", new)
    assert refused.status_code == 422
    assert "凭证" in refused.content.decode()
    scan = SimpleUploadedFile("paper.png", PIXEL, "image/png")
    assert officer.post(f"{home}media/", new | {"evidence": scan}).status_code == 302
    with acting(SYSTEM):
        row = Publication.objects.get()
        assert Event.objects.filter(kind="announcement.publication.recorded").exists()
    shown = officer.get(f"{home}media/{row.pk}/evidence/")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert "河北日报第3版" in page(officer, f"/exams/{exam.slug}/regions/13/")
    assert officer.post(f"{home}media/{row.pk}/strike/", {"reason": ""}).status_code == 422
    assert officer.post(f"{home}media/{row.pk}/strike/", {"reason": "版面写错"}).status_code == 302
    assert "版面写错" in page(officer, f"{home}media/")
    assert "河北日报第3版" not in page(officer, f"/exams/{exam.slug}/regions/13/")


@pytest.mark.rule("V3.3")
def test_an_answer_is_written_changed_and_withdrawn(officer, exam):
    home = f"/office/{exam.slug}/announcement/answers/"
    words = {"question_zh": "哪里停车？", "answer_zh": "没有车位"}
    assert officer.post(f"{home}new/", words).status_code == 302
    with acting(SYSTEM):
        row = Answer.objects.get()
    text = page(officer, f"{home}{row.pk}/")
    version = re.search(r'name="version" value="([0-9]+)"', text)[1]
    changed = officer.post(f"{home}{row.pk}/", words | {"answer_zh": "请乘公交", "version": version})
    assert changed.status_code == 302
    assert officer.post(f"{home}{row.pk}/", words | {"version": version}).status_code == 409
    assert officer.post(f"{home}{row.pk}/", {"withdraw": "1", "version": "2"}).status_code == 302
    assert "哪里停车" not in page(officer, home)
    assert officer.get(f"{home}{row.pk}/").status_code == 404
