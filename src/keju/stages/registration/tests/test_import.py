"""Paper forms from a workbook with a zip of photos: row by row, all or nothing, and files that mean harm."""

import io
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from keju.algorithms.identity import compose
from keju.kernel.calendar import now
from keju.kernel.exams.models import Exam
from keju.kernel.files.models import StoredFile
from keju.kernel.offices import acting
from keju.kernel.sheets import write_table
from keju.rulebook import load_programme
from keju.stages.registration.models import Registration, Version
from keju.stages.registration.services import IMPORT_COLUMNS, import_columns
from keju.stages.registration.tests.test_registering import make_exam
from keju.stages.registration.tests.year import ROOT, at, cells, good_photo, open_now, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(settings, tmp_path, db) -> Exam:
    settings.FILES_ROOT = tmp_path
    exam = make_exam()
    open_now(exam, now())
    return exam


def number(serial: int) -> str:
    return compose("110101", date(1985, 3, 4), serial)


def row(serial: int, **changes: object) -> dict[str, object]:
    return {
        "identity": number(serial), "name": f"考生{serial}", "phone": "13800000000", "address": "路1号",
        "category": "兽医全科类", "route": "学历", "degree": "大学本科", "major": "兽医", "school": "某大学",
        "pledge": "是", **changes,
    }  # fmt: skip


def zipped(**photos: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in photos.items():
            archive.writestr(f"照片/{name.removeprefix('n')}.JPG", data)
    return buffer.getvalue()


def photos(*serials: int) -> bytes:
    return zipped(**{f"n{number(s)}": good_photo() for s in serials})


def upload(
    client: Client, rows: list[dict[str, object]], zip_: bytes, whole: str = "rows", status: int = 200
) -> str:
    book = SimpleUploadedFile("报名.xlsx", write_table(IMPORT_COLUMNS, rows))
    sent = {"workbook": book, "photos": SimpleUploadedFile("p.zip", zip_), "whole": whole}
    return text(client.post(at("registration-import"), sent), status)


@pytest.mark.rule("V5.3.1a", "V5.3.1b")
def test_good_rows_are_registered_with_their_photos_and_bad_ones_come_back(
    exam: Exam, client: Client
) -> None:
    signed_in(client, "1101", "point_manager")
    rows = [
        row(1),
        row(2, degree="中专及以下"),
        row(3, route="Title", degree="", title="veterinarian", title_on=date(2005, 1, 1)),
        row(4),
        row(5, point_code="1301"),
        row(6, category="鸟类"),
        row(7, identity="110101198503040019"),
        row(8, pledge="否"),
    ]
    page = upload(client, rows, photos(1, 2, 3, 5, 6, 8), status=422)
    with acting(ROOT):
        assert sorted(r.identity for r in Registration.objects.all()) == sorted([number(1), number(3)])
        assert Version.objects.count() == 2
        owners = set(Registration.objects.values_list("candidate_id", flat=True))
        assert owners <= set(StoredFile.objects.values_list("candidate_id", flat=True))
    href = page.split(at("registration-import-errors", sha="x").removesuffix("x/"))[1].split("/")[0]
    answer = client.get(at("registration-import-errors", sha=href))
    back = cells(answer.content)
    reasons = {r[-2]: r[-1] for r in back[1:]}
    assert sorted(reasons) == [3, 5, 6, 7, 8, 9]
    assert "专科" in reasons[3] and "照片" in reasons[5] and "1301" in reasons[6] and "鸟类" in reasons[7]
    assert "校验位" in reasons[8] and "承诺" in reasons[9]
    assert back[1][0] == number(2)
    # what came back and is mended is uploaded alone
    text_ = upload(client, [row(2)], photos(2))
    assert "1" in text_
    with acting(ROOT):
        assert Registration.objects.count() == 3


def test_all_or_nothing_is_nothing_if_one_row_is_wrong(exam: Exam, client: Client) -> None:
    signed_in(client, "1101", "point_manager")
    for rows in ([row(1), row(2, degree="")], [row(1), row(2, degree="中专及以下")]):
        upload(client, rows, photos(1, 2), "whole", 422)
        with acting(ROOT):
            assert not Registration.objects.exists()
    upload(client, [row(1), row(2)], photos(1, 2), "whole")
    with acting(ROOT):
        assert Registration.objects.count() == 2


@pytest.mark.rule("V5.3.0")
def test_the_same_file_twice_registers_nobody_twice(exam: Exam, client: Client) -> None:
    signed_in(client, "1101", "point_manager")
    upload(client, [row(1), row(2)], photos(1, 2))
    upload(client, [row(1), row(2)], photos(1, 2), status=422)
    upload(client, [row(1)], photos(1), status=422)
    with acting(ROOT):
        assert Registration.objects.count() == 2


def bomb() -> bytes:
    return zipped(n1=b"\0" * (30 * 1024 * 1024))


def many() -> bytes:
    return zipped(**{f"n{i}": b"x" for i in range(501)})


def twice() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a/1.jpg", b"x")
        archive.writestr("b/1.JPG", b"x")
    return buffer.getvalue()


@pytest.mark.parametrize("make", [bomb, many, twice, lambda: b"no zip", lambda: photos(1)[:-30]])
def test_a_hostile_or_broken_zip_is_refused_whole(exam: Exam, client: Client, make) -> None:
    signed_in(client, "1101", "point_manager")
    upload(client, [row(1)], make(), status=422)
    with acting(ROOT):
        assert not Registration.objects.exists() and not StoredFile.objects.exists()


def test_a_workbook_that_is_none_is_refused(exam: Exam, client: Client) -> None:
    signed_in(client, "1101", "point_manager")
    sent = {"workbook": SimpleUploadedFile("x.xlsx", b"no workbook"), "whole": "rows"}
    text(client.post(at("registration-import"), sent), 422)
    text(client.post(at("registration-import"), {"whole": "rows"}), 422)


def test_the_template_has_the_headings(exam: Exam, client: Client) -> None:
    signed_in(client, "1101", "point_manager")
    data = client.get(at("registration-import-template")).content
    headings = cells(data)[0]
    assert list(headings) == [c.title.zh for c in IMPORT_COLUMNS]


def test_the_workbook_has_the_programmes_own_columns() -> None:
    keys = [c.key for c in import_columns(load_programme("physician"))]
    assert "route" in keys and not {"degree", "major", "title_on", "graduating_year"} & set(keys)
    assert {"degree", "document_kind"} <= {c.key for c in import_columns(load_programme("veterinarian"))}


@pytest.mark.rule("V5.3.1a")
def test_somebody_without_a_resident_card_is_brought_in(exam: Exam, client: Client) -> None:
    signed_in(client, "1101", "point_manager")
    foreign = row(
        1,
        identity="L8988901C",
        document_kind="外国护照",
        country="法国",
        sex="女",
        birth_on=date(1980, 2, 29),
    )
    unstated = {**foreign, "identity": "L8988902C", "sex": "", "birth_on": None}
    book = [foreign, unstated]
    page = upload(client, book, zipped(L8988901C=good_photo(), L8988902C=good_photo()), status=422)
    assert "出生日期" in page
    with acting(ROOT):
        made = Registration.objects.get()
    assert (made.document_kind, made.country, made.sex, made.identity) == (
        "passport",
        "FRA",
        "female",
        "L8988901C",
    )
