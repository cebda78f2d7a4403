"""The pages of notices, as a person meets them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.services import NewCandidate, sign_up
from keju.kernel.notices import services
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.notices.tests.year import AT, ROOT, exam_of_2011, officer, signed_in
from keju.kernel.offices import acting
from keju.rulebook.words import t

pytestmark = pytest.mark.django_db
PDF = SimpleUploadedFile("通知.pdf", b"%PDF-1.7 notice", content_type="application/pdf")


@pytest.fixture
def exam(settings, tmp_path):
    settings.FILES_ROOT = settings.STATIC_ROOT = tmp_path
    return exam_of_2011()


def at(name, **more):
    return reverse(name, kwargs={"exam": "vet-2011", **more})


def form(**more):
    return {"title_zh": "报名工作通知", "body_zh": "请各考点……\n第二段", "whom": "direct", **more}


def text(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


@pytest.mark.rule("V3.2")
def test_a_region_sends_and_a_point_opens_acknowledges_and_downloads(exam, client):
    signed_in(client, "13", "region_officer")
    assert "河北省" in text(client.get(at("notices-send")))
    PDF.seek(0)
    sent = client.post(
        at("notices-send"), form(whom="chosen", chosen=["1301"], file=PDF, title_en="Registration")
    )
    with acting(ROOT):
        notice = Notice.objects.get()
        assert [r.office_code for r in Receipt.objects.all()] == ["1301"]
    assert sent.status_code == 302 and sent.headers["Location"] == at("notices-notice", notice=notice.pk)
    assert "未读1个" in text(client.get(at("notices-notice", notice=notice.pk)))
    assert "报名工作通知" in text(client.get(at("notices-sent")))

    client.logout()
    signed_in(client, "1301", "point_clerk")
    assert ">1<" in text(client.get(at("notices-badge")))
    assert "报名工作通知" in text(client.get(at("notices-inbox")))
    page = text(client.get(at("notices-notice", notice=notice.pk)))
    assert "第二段" not in page and at("notices-open", notice=notice.pk) in page
    assert client.get(at("notices-file", notice=notice.pk)).status_code == 404
    client.post(at("notices-open", notice=notice.pk))
    assert "第二段" in text(client.get(at("notices-notice", notice=notice.pk)))
    assert client.get(at("notices-file", notice=notice.pk)).content == b"%PDF-1.7 notice"
    client.post(at("notices-acknowledge", notice=notice.pk))
    with acting(ROOT):
        own = Receipt.objects.get()
    assert own.acknowledged_at is not None and own.read_by == own.acknowledged_by
    assert text(client.get(at("notices-badge"))).strip() == ""
    assert "Registration" in text(client.get(at("notices-inbox") + "?lang=en"))
    assert client.get(at("notices-send")).status_code == 403


def test_looking_at_a_notice_does_not_mark_it_as_read(exam, client):
    with acting(officer("office")):
        notice = services.send(
            exam=exam, title=t("甲", "A"), body=t("乙", "B"), to=["13"], by=officer("office"), at=AT
        )
    signed_in(client, "13", "region_officer")
    client.get(at("notices-notice", notice=notice.pk))
    assert client.get(at("notices-open", notice=notice.pk)).status_code == 405
    with acting(ROOT):
        assert Receipt.objects.get().read_at is None


def test_a_region_forwards_on_its_page(exam, client):
    with acting(officer("office")):
        notice = services.send(
            exam=exam, title=t("甲", "A"), body=t("乙", "B"), to=["13"], by=officer("office"), at=AT
        )
    signed_in(client, "13", "region_officer")
    client.post(at("notices-open", notice=notice.pk))
    assert at("notices-forward", notice=notice.pk) in text(client.get(at("notices-notice", notice=notice.pk)))
    text(client.get(at("notices-forward", notice=notice.pk)))
    client.post(at("notices-forward", notice=notice.pk), {"whom": "chosen", "chosen": ["1301", "1302"]})
    with acting(ROOT):
        assert Receipt.objects.filter(from_code="13").count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"title_zh": ""},
        {"whom": "chosen"},
        {"whom": "chosen", "chosen": ["1101"]},
        {"whom": "all"},
        {"file": SimpleUploadedFile("a.pdf", b"MZ not a document")},
    ],
)
def test_a_form_that_is_not_right_is_shown_again_and_nothing_is_sent(exam, client, wrong):
    signed_in(client, "13", "region_officer")
    text(client.post(at("notices-send"), form(**wrong)), 422)
    with acting(ROOT):
        assert not Notice.objects.exists()


def test_another_regions_notice_is_not_found(exam, client):
    with acting(officer("11")):
        notice = services.send(
            exam=exam, title=t("甲", "A"), body=t("乙", "B"), to=["1101"], by=officer("11"), at=AT
        )
    signed_in(client, "13", "region_officer")
    for name in ("notices-notice", "notices-file", "notices-forward"):
        assert client.get(at(name, notice=notice.pk)).status_code == 404
    for name in ("notices-open", "notices-acknowledge"):
        assert client.post(at(name, notice=notice.pk)).status_code == 404


def test_a_candidate_reads_messages_and_marks_them(exam, client):
    person = NewCandidate(identity="11010119900107001X", name="考生甲")
    candidate = sign_up(person=person, password="a long enough phrase", by=ROOT, at=AT)
    with acting(officer("13")):
        services.tell_candidates(
            exam=exam, candidate_ids=[candidate.pk], office_path="/13/", kind="review",
            words=t("审核通过<b>", "Passed"), by=officer("13"), at=AT,
        )  # fmt: skip
    with acting(ROOT):
        login = Candidate.objects.select_related("login").get(pk=candidate.pk).login
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    page = text(client.get(at("notices-messages")))
    assert "审核通过&lt;b&gt;" in page and at("notices-messages-read") in page
    client.post(at("notices-messages-read"))
    assert at("notices-messages-read") not in text(client.get(at("notices-messages")))
