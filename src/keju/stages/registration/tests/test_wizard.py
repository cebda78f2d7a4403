"""The wizard as a candidate meets it, without JavaScript."""

from concurrent.futures import ThreadPoolExecutor

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse
from PIL import Image

from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam, Opening
from keju.kernel.files.models import StoredFile
from keju.kernel.offices import acting
from keju.stages.registration import queries
from keju.stages.registration.models import Draft, Registration, Version
from keju.stages.registration.tests.test_registering import make_exam
from keju.stages.registration.tests.year import (
    CHOICE,
    DIPLOMA,
    PERSON,
    ROOT,
    at,
    close,
    doubtful_photo,
    good_photo,
    open_now,
    sign_in,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(settings, tmp_path, db) -> Exam:
    settings.FILES_ROOT = tmp_path
    exam = make_exam()
    open_now(exam, now())
    return exam


def step(client: Client, name: str, version: int, data: dict, status: int = 302) -> str:
    response = client.post(at("registration-step", step=name), {**data, "version": version})
    body = text(response, status)
    return response.headers.get("Location", body)


def photo(client: Client, data: bytes, version: int, status: int = 302, **more: object) -> str:
    file = SimpleUploadedFile("photo.jpg", data, content_type="image/jpeg")
    return step(client, "photo", version, {"photo": file, **more}, status)


def filled(client: Client) -> int:
    """Every step answered; returns the draft's version."""
    assert step(client, "person", 0, PERSON) == at("registration-step", step="category")
    assert step(client, "category", 1, CHOICE) == at("registration-step", step="route")
    assert step(client, "route", 2, DIPLOMA) == at("registration-step", step="point")
    assert step(client, "point", 3, {"point_code": "1101"}) == at("registration-step", step="photo")
    assert photo(client, good_photo(), 4) == at("registration-step", step="pledge")
    assert step(client, "pledge", 5, {"pledge": "on"}) == at("registration-step", step="review")
    return 6


def test_every_error_speaks_of_its_own_field(client, exam):
    sign_in(client)
    page = step(client, "person", 0, {**PERSON, "phone": "1", "email": "nobody@"}, 422)
    assert page.count("请填写完整的电话号码") == page.count("请填写有效的电子邮箱地址") == 2
    filled(client)
    assert "请选择一个报名考点。" in step(client, "point", 6, {"point_code": ""}, 422)


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_bounded() for page in document)


def registered(client: Client) -> None:
    assert step(client, "review", filled(client), {}) == at("registration-done")


@pytest.mark.rule("V5.2.1", "V5.3.1b", "P8.2")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_first_step_to_the_receipt(exam: Exam, client: Client, language: str) -> None:
    sign_in(client)
    client.get("/my/?lang=" + language)
    assert client.get(at("registration-start")).headers["Location"] == at("registration-step", step="person")
    version = filled(client)
    page = text(client.get(at("registration-step", step="review")))
    assert PERSON["address"] in page and "某大学" in page and "aria-disabled" not in page
    assert step(client, "review", version, {}) == at("registration-done")
    with acting(ROOT):
        row = Registration.objects.get()
        assert (row.name, row.point_code, row.route_facts) == ("欧阳小明", "1101", DIPLOMA)
        assert not Draft.objects.exists()
        number = queries.number_of(exam, row.pk)
    reference = queries.fee_reference(row.pk)
    done = text(client.get(at("registration-done")))
    assert number in done and reference in done and reverse("fees-mine", args=["vet-2011"]) in done
    assert client.get(at("registration-code")).content.startswith(b"<svg")
    pdf = client.post(at("registration-receipt"))
    assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF")
    assert reference in words_of(pdf.content) and ("缴费" if language == "zh" else "The fee") in words_of(
        pdf.content
    )
    assert "某路1号" in text(client.get(at("registration-own")))
    assert at("registration-own") in text(client.get("/my/"))


def test_who_is_not_signed_in_is_sent_to_sign_in_first(exam: Exam, client: Client) -> None:
    response = client.get(at("registration-start"))
    assert response.status_code == 302 and "/sign-in/?next=" in response.headers["Location"]


@pytest.mark.rule("V5.3.1b")
@pytest.mark.parametrize(
    ("route", "own", "others"),
    [
        ("diploma", {"degree", "major", "school"}, {"title", "title_on", "graduating_year"}),
        ("title", {"title", "title_on"}, {"degree", "major", "school", "graduating_year"}),
        ("graduating", {"major", "school", "graduating_year"}, {"degree", "title", "title_on"}),
    ],
)
def test_a_route_asks_only_its_own_fields(
    exam: Exam, client: Client, route: str, own: set[str], others: set[str]
) -> None:
    sign_in(client)
    step(client, "person", 0, PERSON)
    step(client, "category", 1, {**CHOICE, "route": route})
    page = text(client.get(at("registration-step", step="route")))
    assert all(f'name="{name}"' in page for name in own)
    assert not any(f'name="{name}"' in page for name in others)


@pytest.mark.rule("V5.3.1b")
@pytest.mark.parametrize(
    ("route", "facts"),
    [
        ("diploma", {**DIPLOMA, "degree": "secondary"}),
        ("diploma", {**DIPLOMA, "major": "other"}),
        ("title", {"title": "assistant_veterinarian", "title_on": "2001-01-01"}),
        ("title", {"title": "veterinarian", "title_on": "2009-01-01"}),
        ("graduating", {"major": "veterinary", "school": "x", "graduating_year": "2010"}),
    ],
)
def test_an_ineligible_answer_is_refused_with_its_clause(
    exam: Exam, client: Client, route: str, facts: dict[str, str]
) -> None:
    sign_in(client)
    step(client, "person", 0, PERSON)
    step(client, "category", 1, {**CHOICE, "route": route})
    assert "V5.3.1b" in step(client, "route", 2, facts, 422)
    with acting(ROOT):
        assert "facts" not in Draft.objects.get().answers


def test_another_route_asks_for_its_facts_anew(exam: Exam, client: Client) -> None:
    sign_in(client)
    version = filled(client)
    to = step(client, "category", version, {**CHOICE, "route": "title"})
    assert to == at("registration-step", step="route")
    assert "aria-disabled" in text(client.get(at("registration-step", step="review")))
    assert "V5.3.1b" in step(client, "review", version + 1, {}, 409)
    with acting(ROOT):
        assert not Registration.objects.exists()


@pytest.mark.rule("V5.1.1")
def test_a_point_without_a_confirmation_place_is_greyed_and_refused(exam: Exam, client: Client) -> None:
    with acting(ROOT):
        Opening.objects.filter(office_id="1301").update(address="")
    sign_in(client)
    page = text(client.get(at("registration-step", step="point") + "?region=13"))
    assert 'value="1301" disabled' in page.replace("\n", " ") and "V5.1.1" in page
    assert "V5.1.1" in step(client, "point", 0, {"point_code": "1301"}, 422)
    assert "V5.1.1" in step(client, "point", 0, {"point_code": "zz"}, 422)
    assert step(client, "point", 0, {"point_code": "1101"})


@pytest.mark.rule("P8.2")
def test_the_pledge_must_be_accepted(exam: Exam, client: Client) -> None:
    sign_in(client)
    assert "P8.2" in step(client, "pledge", 0, {}, 422)


@pytest.mark.rule("V5.2.1")
def test_two_windows_do_not_overwrite_one_another(exam: Exam, client: Client) -> None:
    sign_in(client)
    step(client, "person", 0, PERSON)
    page = step(client, "person", 0, {**PERSON, "address": "另一处"}, 409)
    assert "另一个窗口" in page and "另一处" in page and 'name="version" value="1"' in page
    with acting(ROOT):
        assert "某路1号" in Draft.objects.get().answers
    assert step(client, "person", 1, {**PERSON, "address": "另一处"})


@pytest.mark.rule("V5.2.1")
def test_two_windows_at_different_steps_both_count(exam: Exam, client: Client) -> None:
    sign_in(client)
    step(client, "person", 0, PERSON)
    assert step(client, "category", 0, CHOICE) == at("registration-step", step="route")
    assert "个人信息" in text(client.get(at("registration-step", step="route")))  # what the other one changed
    with acting(ROOT):
        answers = Draft.objects.get().answers
    assert "某路1号" in answers and "diploma" in answers


@pytest.mark.rule("V5.2.1")
def test_the_later_of_two_windows_sees_what_the_other_saved_beside_its_own(
    exam: Exam, client: Client
) -> None:
    sign_in(client)
    step(client, "person", 0, PERSON)
    page = step(client, "person", 0, {**PERSON, "address": "另一处", "phone": "13900000000"}, 409)
    table = page.split("两个窗口不同的地方")[1].split("</table>")[0]
    assert all(words in table for words in ("某路1号", "另一处", "13800000000", "13900000000"))
    assert PERSON["name"] not in table
    step(client, "category", 1, CHOICE)
    step(client, "category", 2, {**CHOICE, "route": "title"})
    page = step(client, "route", 2, {"title": "veterinarian", "title_on": "2001-01-01"}, 409)
    assert 'name="title"' in page  # of the route that now is chosen, with what was typed
    step(client, "route", 99, {"title": "veterinarian", "title_on": "2001-01-01"}, 409)


def test_a_route_that_only_papers_prove_asks_nothing(exam: Exam, client: Client) -> None:
    with acting(ROOT):
        Exam.objects.update(programme="physician")
    sign_in(client)
    step(client, "person", 0, PERSON)
    chosen = {"category": "clinical", "route": "authority"}
    assert step(client, "category", 1, chosen) == at("registration-step", step="point")
    skipped = client.get(at("registration-step", step="route"))
    assert skipped.headers["Location"] == at("registration-step", step="point")


def test_a_review_of_another_window_is_not_submitted_unseen(exam: Exam, client: Client) -> None:
    sign_in(client)
    version = filled(client)
    step(client, "person", version, {**PERSON, "address": "另一处"})
    assert step(client, "review", version, {}) == at("registration-step", step="review")
    with acting(ROOT):
        assert not Registration.objects.exists()


@pytest.mark.rule("V5.3.0")
def test_a_second_click_lands_where_the_first_did(exam: Exam, client: Client) -> None:
    sign_in(client)
    version = filled(client)
    for _ in range(3):
        assert step(client, "review", version, {}) == at("registration-done")
    with acting(ROOT):
        assert Registration.objects.count() == 1
    assert client.get(at("registration-start")).headers["Location"] == at("registration-own")


@pytest.mark.rule("V5.3.0")
@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_register_once(settings, tmp_path, client: Client) -> None:
    settings.FILES_ROOT = tmp_path
    open_now(make_exam(), now())
    sign_in(client)
    version = filled(client)
    cookie = client.cookies["sessionid"].value

    def click(_: int) -> str:
        other = Client()
        other.cookies["sessionid"] = cookie
        try:
            return step(other, "review", version, {})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(click, range(12))) == {at("registration-done")}
    with acting(ROOT):
        assert Registration.objects.count() == Version.objects.count() == 1


@pytest.mark.rule("V5.2.1")
def test_before_and_after_the_period_the_reason_is_shown(exam: Exam, client: Client) -> None:
    sign_in(client)
    version = filled(client)
    close(exam)
    page = text(client.get(at("registration-start")))
    assert "截止" in page and "V5.2.1" in page
    assert "V5.2.1" in step(client, "review", version, {}, 409)
    with acting(ROOT):
        assert not Registration.objects.exists()


# ---- the photo


@pytest.mark.rule("V5.2.2")
def test_a_renamed_png_is_refused_by_its_bytes(exam: Exam, client: Client, tmp_path) -> None:
    Image.new("RGB", (230, 334)).save(tmp_path / "x.png")
    sign_in(client)
    page = photo(client, (tmp_path / "x.png").read_bytes(), 0, 422)
    assert "JPEG" in page and "V5.2.2" in page
    with acting(ROOT):
        assert not Draft.objects.exists() and not StoredFile.objects.exists()


@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff" + b"\0" * 50_000_000, b"PK\x03\x04", b"\xff\xd8\xff\xd9"]
)
def test_hostile_and_broken_files_are_refused_calmly(exam: Exam, client: Client, data: bytes) -> None:
    sign_in(client)
    photo(client, data, 0, 422)
    step(client, "photo", 0, {"mended": "not base64!"}, 422)


@pytest.mark.rule("V5.2.2")
def test_an_image_bomb_is_refused_from_its_header(exam: Exam, client: Client) -> None:
    data = bytearray(good_photo())
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        if (place := data.find(marker)) > 0:
            data[place + 5 : place + 9] = b"\xea\x60\xea\x60"  # 60,000 by 60,000
    sign_in(client)
    photo(client, bytes(data), 0, 422)
    photo(client, bytes(data), 0, 422, mend="1")


@pytest.mark.rule("V5.2.2")
def test_too_large_is_refused_and_our_own_cut_is_offered_and_checked_again(
    exam: Exam, client: Client, tmp_path
) -> None:
    (tmp_path / "s.jpg").write_bytes(good_photo())
    Image.open(tmp_path / "s.jpg").resize((920, 1000)).save(tmp_path / "b.jpg", quality=95)
    big = (tmp_path / "b.jpg").read_bytes()
    sign_in(client)
    page = photo(client, big, 0, 422)
    ours = page.split('name="mended" value="')[1].split('"')[0]
    assert step(client, "photo", 0, {"mended": ours}) == at("registration-step", step="pledge")
    assert photo(client, big, 1, mend="1") == at("registration-step", step="pledge")


@pytest.mark.rule("V5.2.2")
def test_what_is_only_judged_is_kept_with_a_warning_and_can_be_submitted(exam: Exam, client: Client) -> None:
    sign_in(client)
    version = filled(client)
    assert photo(client, doubtful_photo(), version) == at("registration-step", step="photo")
    assert "note-soon" in text(client.get(at("registration-step", step="photo")))
    assert "note-soon" in text(client.get(at("registration-step", step="review")))
    assert step(client, "review", version + 1, {}) == at("registration-done")


def test_a_stored_photo_carries_no_metadata(exam: Exam, client: Client, tmp_path) -> None:
    (tmp_path / "s.jpg").write_bytes(good_photo())
    exif = Image.Exif()
    exif[0x010F] = "TELLTALE CAMERA"
    image = Image.open(tmp_path / "s.jpg")
    data = b""
    for quality in range(40, 100):
        image.save(tmp_path / "e.jpg", quality=quality, exif=exif)
        data = (tmp_path / "e.jpg").read_bytes()
        if len(data) > 21 * 1024:
            break
    assert b"TELLTALE" in data
    sign_in(client)
    photo(client, data, 0)
    with acting(ROOT):
        sha = StoredFile.objects.get().sha256
    shown = client.get(at("registration-own-photo", sha=sha))
    assert shown.status_code == 200 and b"TELLTALE" not in shown.content


def test_nobody_sees_anothers_photo(exam: Exam, client: Client) -> None:
    sign_in(client)
    photo(client, good_photo(), 0)
    with acting(ROOT):
        sha = StoredFile.objects.get().sha256
    other = Client()
    sign_in(other, 2)
    assert other.get(at("registration-own-photo", sha=sha)).status_code == 404
    assert other.get(at("registration-own-photo", sha="x")).status_code == 404


# ---- changing and withdrawing


def changing(client: Client) -> int:
    assert client.post(at("registration-edit")).headers["Location"] == at("registration-step", step="review")
    with acting(ROOT):
        return Draft.objects.get().version


@pytest.mark.rule("V5.2.1")
def test_a_change_is_a_version_and_the_history_says_what(exam: Exam, client: Client) -> None:
    sign_in(client)
    registered(client)
    version = changing(client)
    step(client, "person", version, {**PERSON, "address": "新的地址"})
    assert step(client, "review", version + 1, {}) == at("registration-done")
    page = text(client.get(at("registration-own")))
    assert "新的地址" in page and "某路1号" in page and "第2版" in page
    with acting(ROOT):
        assert Version.objects.count() == 2 and Registration.objects.get().version == 2


def test_changes_not_yet_submitted_survive_the_button(exam: Exam, client: Client) -> None:
    sign_in(client)
    registered(client)
    version = changing(client)
    step(client, "person", version, {**PERSON, "address": "新的地址"})
    changing(client)
    assert "新的地址" in text(client.get(at("registration-step", step="review")))


@pytest.mark.rule("V5.2.1")
def test_after_the_close_nothing_changes_and_the_page_says_why(exam: Exam, client: Client) -> None:
    sign_in(client)
    registered(client)
    version = changing(client)
    step(client, "person", version, {**PERSON, "address": "太晚了"})
    close(exam)
    page = text(client.get(at("registration-own")))
    assert "aria-disabled" in page and "V5.2.1" in page and f'action="{at("registration-edit")}"' not in page
    assert step(client, "review", version + 1, {}, 409)
    assert client.post(at("registration-edit")).headers["Location"] == at("registration-own")
    refused = client.post(at("registration-withdraw"), {"reason": "x", "version": 1})
    assert "V5.2.1" in text(refused, 409)
    with acting(ROOT):
        row = Registration.objects.get()
        assert (row.version, row.state, row.address) == (1, "submitted", "某路1号")


def test_withdrawing_asks_for_the_reason_and_lets_one_register_anew(exam: Exam, client: Client) -> None:
    sign_in(client)
    registered(client)
    text(client.post(at("registration-withdraw"), {"reason": "", "version": 1}), 422)
    assert client.post(at("registration-withdraw"), {"reason": "病了", "version": "x"}).status_code == 409
    assert client.post(at("registration-withdraw"), {"reason": "病了", "version": 1}).status_code == 302
    assert "病了" in text(client.get(at("registration-own")))
    registered(client)
    with acting(ROOT):
        assert sorted(r.state for r in Registration.objects.all()) == ["submitted", "withdrawn"]


def test_long_and_rare_names_stay_what_they_are(exam: Exam, client: Client) -> None:
    sign_in(client)
    name = "阿依古丽·买买提江·阿不都热合曼·吐尔逊𠮷㛃"
    version = filled(client)
    step(client, "person", version, {**PERSON, "name": f"  {name}\u200b "})
    step(client, "review", version + 1, {})
    with acting(ROOT):
        assert Registration.objects.get().name == name
    assert name in text(client.get(at("registration-done")))
    assert client.post(at("registration-receipt")).content.startswith(b"%PDF")
