"""Letters, matrix and plans as offices use them, page by page, and over the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import acting
from keju.stages.security.models import Finding, Letter, Plan
from keju.stages.security.queries import letters as queries
from keju.stages.security.tests.people import KEY_POSTS, codes_of, hold
from keju.stages.security.tests.year import make_year
from keju.stages.venues.tests.year import SYSTEM

HOME = "/office/exam-2012/security/"
API = "/api/v1/security/exam-2012/"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    return make_year()


def code(client: Client) -> str:
    """The present code of the device of whoever is signed in, not used before."""
    device = TOTPDevice.objects.get(user_id=client.session["_auth_user_id"])
    return f"{TOTP(device.bin_key).token():06d}"


def letters(**facts: object) -> list[Letter]:
    with acting(SYSTEM):
        return list(Letter.objects.filter(**facts).order_by("pk"))


@pytest.mark.rule("P7.1")
def test_made_signed_above_signed_below_and_kept_on_paper(exam: Exam) -> None:
    people = hold(exam, *KEY_POSTS)
    officer, centre = Client(), Client()
    signed_in(officer, "13", "region_officer")
    signed_in(centre, "centre", "centre_exam")
    assert "7" in officer.get(f"{HOME}letters/").content.decode()
    assert officer.post(f"{HOME}letters/make/").status_code == 302
    listed = officer.get(f"{HOME}letters/?state=above&office=1301").content.decode()
    assert "李4" in listed and "李1<" not in listed
    page = centre.get(f"{HOME}letters/mine/")
    seen = page.context["form"].initial["seen"]
    assert centre.post(f"{HOME}letters/mine/sign/", {"seen": seen, "code": "000000"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert centre.post(f"{HOME}letters/mine/sign/", {"seen": seen, "code": code(centre)}).status_code == 302
    (row,) = letters(holder_id=people["region_leader"])
    there = f"{HOME}letters/{row.pk}/"
    assert row.content_hash in officer.get(there).content.decode()
    wrong = officer.post(f"{there}below/", {"content_hash": row.content_hash, "code": "01-AAAAAA"})
    assert wrong.status_code == 422
    right = codes_of(people["region_leader"])[0]
    assert (
        officer.post(f"{there}below/", {"content_hash": row.content_hash, "code": right}).status_code == 302
    )
    (paper,) = letters(holder_id=people["region_director"])
    there = f"{HOME}letters/{paper.pk}/"
    assert officer.post(f"{there}paper/").status_code == 422
    scan = SimpleUploadedFile("a.pdf", PDF, "application/pdf")
    assert officer.post(f"{there}paper/", {"scan": scan}).status_code == 302
    assert b"".join(officer.get(f"{there}scan/")) == PDF
    assert officer.post(f"{there}print/").content.startswith(b"%PDF")
    assert officer.post(f"{HOME}letters/print/", {"office": "1301"}).content.startswith(b"%PDF")
    assert {r.below_means for r in letters(below_at__isnull=False)} == {"online", "paper"}
    manager = Client()
    signed_in(manager, "1301", "point_manager")
    assert manager.get(there).status_code == 404
    assert centre.get(f"{HOME}letters/mine/").status_code == 200


@pytest.mark.rule("P1.1", "P6.2")
def test_the_matrix_is_shown_and_printed(exam: Exam) -> None:
    hold(exam, ("region_leader", "13"), ("chief_examiner", "1301"))
    officer = Client()
    signed_in(officer, "13", "region_officer")
    shown = officer.get(f"{HOME}matrix/").content.decode()
    assert "李1" in shown and "李2" in shown and "未落实" in shown
    assert officer.post(f"{HOME}matrix/print/").content.startswith(b"%PDF")
    said = officer.get(f"{API}matrix/1301").json()
    assert said["direct"] == "李2" and said["first"] == ""
    assert officer.get(f"{API}matrix/11").status_code == 404


@pytest.mark.rule("P7.1")
def test_papers_of_several_are_entered_together(exam: Exam) -> None:
    people = hold(exam, *KEY_POSTS)
    officer = Client()
    signed_in(officer, "13", "region_officer")
    officer.post(f"{HOME}letters/make/")

    def enter(*ids: int) -> int:
        scan = SimpleUploadedFile("a.pdf", PDF, "application/pdf")
        return int(officer.post(f"{HOME}letters/papers/", {"letter": ids, "scan": scan}).status_code)

    (first,) = letters(holder_id=people["region_leader"])
    rest = [row.pk for row in letters(above_code="13")]
    assert f'value="{first.pk}" form="papers"' in officer.get(f"{HOME}letters/").content.decode()
    assert len(rest) > 1 and enter() == 422 and enter(*rest) == 422  # none; before the leader's own letter
    assert enter(first.pk) == 302 and enter(*rest) == 302
    signed = letters(below_means="paper")
    assert {row.pk for row in signed} == {first.pk, *rest}
    assert len({row.below_scan for row in signed}) == 1 and all(row.above_at for row in signed)


@pytest.mark.rule("P5.1")
def test_a_plan_is_written_proposed_and_signed_by_the_leader(exam: Exam) -> None:
    manager, leader = Client(), Client()
    signed_in(manager, "1301", "point_manager")
    signed_in(leader, "1301", "point_leader")
    edit = f"{HOME}plans/edit/"
    assert manager.get(edit).status_code == 200
    assert manager.post(edit, {"title": "方案", "text": "", "version": 0}).status_code == 422
    file = SimpleUploadedFile("a.pdf", PDF, "application/pdf")
    assert manager.post(edit, {"title": "方案", "text": "一", "version": 0, "file": file}).status_code == 302
    with acting(SYSTEM):
        (row,) = Plan.objects.all()
    there = f"{HOME}plans/{row.pk}/"
    assert b"".join(manager.get(f"{there}file/")) == PDF
    sent = manager.post(f"{there}propose/", {"version": row.version})
    approval = sent.headers["Location"]
    assert "一" in leader.get(approval).content.decode()
    assert manager.post(edit, {"title": "方案", "text": "二", "version": row.version + 1}).status_code == 422
    with acting(SYSTEM):
        row.refresh_from_db()
    answer = leader.post(f"{approval}sign/", {"content_hash": row.content_hash, "code": code(leader)})
    assert answer.status_code == 302
    assert "已批准" in manager.get(there).content.decode()
    with acting(SYSTEM):
        row.refresh_from_db()
    assert row.state == "approved"
    owner = manager.get(f"{HOME}plans/gap/").context["form"].fields["owner_id"].choices[0][0]
    gap = {"words": "备用电源未落实", "severity": "minor", "owner_id": owner, "due_on": "2000-01-01"}
    assert manager.post(f"{HOME}plans/gap/", gap).status_code == 409
    with acting(SYSTEM):
        assert not Finding.objects.exists()
    assert manager.get(f"{HOME}plans/").status_code == 200


def test_the_api_makes_and_signs(exam: Exam) -> None:
    people = hold(exam, ("region_leader", "13"))
    officer, centre = Client(), Client()
    signed_in(officer, "13", "region_officer")
    signed_in(centre, "centre", "centre_exam")

    def post(client: Client, path: str, body: dict[str, object]):
        token = str(client.get("/office/exam-2012/approvals/").context["csrf_token"])
        return client.post(API + path, body, content_type="application/json", headers={"X-CSRFToken": token})

    assert post(officer, "letters", {}).json() == {"made": 1, "ended": 0}
    mine = centre.get(f"{API}letters/mine").json()
    assert post(centre, "letters/mine", {"seen": mine["seen"], "code": "0"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert post(centre, "letters/mine", {"seen": mine["seen"], "code": code(centre)}).json() == {"count": 1}
    (row,) = officer.get(f"{API}letters?state=below").json()
    body = {"content_hash": row["content_hash"], "code": codes_of(people["region_leader"])[0]}
    assert post(officer, f"letters/{row['id']}/below", body).json() == {"count": 1}
    saved = post(officer, "plans", {"title": "方案", "text": "一"}).json()
    proposed = post(officer, f"plans/{saved['id']}/propose", {"version": saved["version"]}).json()
    assert proposed["state"] == "proposed" and officer.get(f"{API}plans").json()[0]["number"] == 1
    with acting(SYSTEM):
        assert queries.tallies(exam, "/13/")[0].signed == 1
