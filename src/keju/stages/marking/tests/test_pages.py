"""Every page of marking for every role; a bag from upload to freeze through the browser's requests alone."""

import io
import re
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import services as jobs
from keju.kernel.jobs.models import Job
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import acting
from keju.kernel.offices.models import Kind
from keju.rulebook.words import t
from keju.stages.custody.queries.returns import CardBag
from keju.stages.examday.tests.world import DAY, SYSTEM, Seat
from keju.stages.marking import services
from keju.stages.marking.models import Freeze, Key, Reading, Run
from keju.stages.marking.pages import batch as pages
from keju.stages.marking.tests.bags import (
    KEY,
    SCORER,
    bag,
    close_day,
    read,
    read_everybody,
    scan,
    set_keys,
)

pytestmark = pytest.mark.django_db
AT_KIND = {Kind.REGION: "11", Kind.POINT: "1101"}


@pytest.fixture
def batch_id(exam: Exam, seats: list[Seat]) -> int:
    close_day(exam)
    batch = bag(exam, seats[0])
    read(exam, batch, scan(exam, seats[0].ticket, tick=7))
    return batch.pk


def client_of(role: str, code: str = "centre") -> Client:
    client = Client()
    signed_in(client, code, role)
    return client


def test_each_page_opens_for_those_who_may_and_for_nobody_else(exam: Exam, batch_id: int) -> None:
    with acting(SCORER):
        reading = Reading.objects.get(batch_id=batch_id).pk
    pages = {
        reverse("marking-home", args=[exam.slug]): "marking:batch:read",
        reverse("marking-batch", args=[exam.slug, batch_id]): "marking:batch:read",
        reverse("marking-figures", args=[exam.slug]): "marking:batch:read",
        reverse("marking-badge", args=[exam.slug]): "marking:batch:read",
        reverse("marking-doubts", args=[exam.slug]): "marking:reading:adjudicate",
        reverse("marking-reading", args=[exam.slug, reading]): "marking:reading:adjudicate",
        reverse("marking-image", args=[exam.slug, reading]): "marking:reading:adjudicate",
        reverse("marking-keys", args=[exam.slug]): "marking:key:set",
        reverse("marking-key", args=[exam.slug, 1]): "marking:key:set",
        reverse("marking-runs", args=[exam.slug]): "marking:score:read",
        reverse("marking-countersign", args=[exam.slug]): "marking:score:countersign",
        reverse("marking-cards", args=[exam.slug]): "marking:cards:print",
    }
    # A site's officer is appointed for one exam: the matrix of access has that role.
    for role in (r for r in ROLES.values() if Kind.SITE not in r.at):
        kind = next(iter(role.at))
        client = client_of(role.code, AT_KIND.get(kind, "centre" if kind == Kind.CENTRE else str(kind)))
        for page, permission in pages.items():
            wanted = 200 if permission in {str(p) for p in role.permissions} else 403
            assert client.get(page).status_code == wanted, (role.code, page)
            if wanted == 200:
                assert client.get(page + "?lang=en").status_code == 200, (role.code, page)
    assert Client().get(next(iter(pages))).status_code == 302


def test_getting_never_writes(exam: Exam, batch_id: int) -> None:
    client = client_of("centre_scoring")
    for name, args in (
        ("marking-open", []), ("marking-practice-all", []), ("marking-upload", [batch_id]),
        ("marking-practice", [batch_id]), ("marking-missing", [batch_id]), ("marking-run", []),
    ):  # fmt: skip
        assert client.get(reverse(name, args=[exam.slug, *args])).status_code == 405, name


def test_upload_names_what_became_of_each_file(
    exam: Exam, seats: list[Seat], batch_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("centre_scoring")
    address = reverse("marking-upload", args=[exam.slug, batch_id])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/1.jpg", scan(exam, seats[1].ticket))
        archive.writestr("a/2.jpg", b"GIF89a")
    files = [
        SimpleUploadedFile("renamed.png", scan(exam, seats[0].ticket, tick=7)),
        SimpleUploadedFile("b.zip", packed.getvalue()),
    ]
    text = client.post(address, {"images": files}, follow=True).content.decode()
    assert "读取 1 张，待裁定 0 张，已读过 1 张，不能读取 1 张" in text and "不是可读的图像文件" in text
    for counted in (2, 3):  # what was counted into the bag is what was read out of it, or it is said
        there = CardBag("C1", "S1", t("中心", "Centre"), counted)
        monkeypatch.setattr(pages, "card_bags", lambda *_, there=there, **__: [there])
        shown = client.get(reverse("marking-batch", args=[exam.slug, batch_id])).content.decode()
        assert ("不一致" in shown) == (counted == 3)
    assert client.post(address, {}).status_code == 422
    broken = SimpleUploadedFile("c.zip", packed.getvalue()[:90])
    answer = client.post(address, {"images": broken})
    assert answer.status_code == 422 and "压缩包打不开" in answer.content.decode()


def test_archives_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    def packed(**entries: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in entries.items():
                archive.writestr(name, data)
        return out.getvalue()

    assert services.unpacked([packed(a=b"1", b=b"2"), b"\xff\xd8"]) == [b"1", b"2", b"\xff\xd8"]
    monkeypatch.setattr("keju.stages.marking.services.uploading.MAX_IMAGE", 1000)
    for bomb in (packed(a=bytes(100_000)), bytes(1001)):
        with pytest.raises(ValidationError):
            services.unpacked([bomb])
    # One that lies about its size.
    lying = packed(a=bytes(100_000)).replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(ValidationError):
        services.unpacked([lying])
    monkeypatch.setattr("keju.stages.marking.services.uploading.MAX_IMAGES", 2)
    for many in (packed(a=b"1", b=b"2", c=b"3"), b""):
        with pytest.raises(ValidationError):
            services.unpacked([many] if many else [])


def test_many_images_become_a_job_that_reads_them_by_processes(
    exam: Exam, seats: list[Seat], batch_id: int
) -> None:
    client = client_of("centre_scoring")
    images = [SimpleUploadedFile(f"{n}.jpg", b"GIF%d" % n) for n in range(21)]
    images[0] = SimpleUploadedFile("0.jpg", scan(exam, seats[1].ticket))
    answer = client.post(reverse("marking-upload", args=[exam.slug, batch_id]), {"images": images})
    with acting(SYSTEM):
        job = Job.objects.get(kind="marking.read")
    assert answer.url == reverse("jobs-job", args=[exam.slug, job.public])
    done = jobs.run_now(job)
    assert (done.state, done.done, done.note_en) == (
        "done", 21, "1 read, 0 for persons, 0 read before, 20 could not be read.",
    )  # fmt: skip


def test_the_practice_scanner_fills_every_empty_bag(exam: Exam, seats: list[Seat], batch_id: int) -> None:
    client = client_of("centre_scoring")
    assert "模拟扫描" in client.get(reverse("marking-home", args=[exam.slug])).content.decode()
    for _ in range(2):  # a double click starts one
        client.post(reverse("marking-practice-all", args=[exam.slug]))
    with acting(SYSTEM):
        (job,) = Job.objects.filter(kind="marking.practice")
    assert jobs.run_now(job).state == "done"
    with acting(SCORER):
        assert Reading.objects.values("batch").distinct().count() == 6


def test_a_doubt_is_decided_on_the_page_and_the_second_does_not_see_the_first(
    exam: Exam, batch_id: int
) -> None:
    with acting(SCORER):
        reading = Reading.objects.get(batch_id=batch_id)
    address = reverse("marking-reading", args=[exam.slug, reading.pk])
    one = client_of("centre_scoring")
    text = one.get(address).content.decode()
    assert 'name="q7"' in text and "mark-doubt" in text and 'viewBox="0 0 210 297"' in text
    assert one.get(reverse("marking-image", args=[exam.slug, reading.pk])).content[:2] == b"\xff\xd8"
    assert one.post(address, {}).status_code == 422
    assert one.post(address, {"q7": ["A", "-"]}).status_code == 422
    assert one.post(address, {"q7": ["B"]}).status_code == 302
    assert "等另一人" in one.get(address).content.decode()
    assert one.post(address, {"q7": ["B"]}).status_code == 422  # nothing left to say
    other = Client()
    with acting(SYSTEM):
        from datetime import date

        from keju.kernel.accounts import services as accounts
        from keju.kernel.offices.models import Office

        centre = Office.objects.get(code="centre")
        person = accounts.add_person(
            name="乙", username="second", password="a long enough phrase", office=centre, by=SYSTEM, at=DAY
        )
        accounts.post(
            person=person, office=centre, role="centre_scoring", starts_on=date(2020, 1, 1), by=SYSTEM, at=DAY
        )
    other.force_login(person.login, backend="django.contrib.auth.backends.ModelBackend")
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    session = other.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.create(
        user=person.login, name="t", confirmed=True
    ).persistent_id
    session.save()
    text = other.get(address).content.decode()
    assert 'name="q7"' in text and 'value="B" checked' not in text and ">两人一致<" not in text
    assert other.post(address, {"q7": ["B"]}).status_code == 302
    assert ">两人一致<" in other.get(address).content.decode()


def test_a_key_is_pasted_with_blanks_and_kept_on_the_page_when_wrong(exam: Exam) -> None:
    client = client_of("centre_key")
    address = reverse("marking-key", args=[exam.slug, 1])
    pasted = "\n".join(f"{i + 1:>3}-{i + 5} " + "".join(KEY[i : i + 5]).lower() for i in range(0, 200, 5))
    wrong = client.post(address, {"answers": pasted[:-1]})
    assert (
        wrong.status_code == 422 and "200" in wrong.content.decode() and pasted[:40] in wrong.content.decode()
    )
    assert client.post(address, {"answers": pasted}).status_code == 302
    with acting(SYSTEM):
        assert Key.objects.get().answers == ",".join(KEY)
    listed = client.get(reverse("marking-keys", args=[exam.slug])).content.decode()
    assert "等另一人录入" in listed and "".join(KEY[:5]) not in re.sub(r"<[^>]+>", "", listed)
    assert "您录入的版本" in client.get(address).content.decode()


def test_scores_are_run_proposed_and_countersigned_on_the_pages(exam: Exam, seats: list[Seat]) -> None:
    scoring, data, system = (client_of(r) for r in ("centre_scoring", "centre_data", "centre_system"))
    runs = reverse("marking-runs", args=[exam.slug])
    assert 'aria-disabled="true"' in scoring.get(runs).content.decode()
    assert scoring.post(reverse("marking-run", args=[exam.slug])).status_code == 409
    close_day(exam)
    set_keys(exam)
    read_everybody(exam, seats)
    assert scoring.post(reverse("marking-run", args=[exam.slug])).status_code == 302
    with acting(SYSTEM):
        run = Run.objects.get()
    propose = reverse("marking-propose", args=[exam.slug, run.pk])
    assert scoring.post(propose).status_code == 403
    assert run.scores_digest in data.get(runs).content.decode()
    assert data.post(propose).status_code == 302
    assert data.post(propose).status_code == 409
    sign = reverse("marking-countersign", args=[exam.slug])
    assert run.scores_digest[8:] in system.get(sign).content.decode()
    assert system.post(sign, {"seen": run.scores_digest, "typed": "00000000"}).status_code == 422
    assert system.post(sign, {"seen": "1" * 64, "typed": "1" * 8}).status_code == 409
    assert system.post(sign, {"seen": run.scores_digest, "typed": run.scores_digest[:8]}).status_code == 302
    with acting(SYSTEM):
        assert Freeze.objects.get().run_id == run.pk
    assert "都与封存时一致" in data.get(runs + "?check=1").content.decode()
    look = reverse("marking-scores", args=[exam.slug, run.pk])
    assert "100" in scoring.post(look, {"tickets": seats[0].ticket}).content.decode()
    assert system.post(look, {"tickets": seats[0].ticket}).status_code == 403
    assert scoring.post(reverse("marking-run", args=[exam.slug])).status_code == 409
