"""Whose copy is this? Site, room, bag and holders from one page; every asking on record; what does not agree names nobody."""

import csv
import io
import json
import re
from collections.abc import Callable

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.http import HttpResponse
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from PIL import Image

from keju.algorithms.pagemarks.reading import codes_in
from keju.kernel.audit.models import Event
from keju.kernel.documents.models import Print
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody.models import Case, Container, LookUp
from keju.stages.custody.queries import tracing
from keju.stages.custody.rules.containers import Kind, code, number_of
from keju.stages.custody.rules.tracing import (
    Made,
    PaperCode,
    Verdict,
    grouped,
    judge,
    paper_text,
    printed_code,
    read_paper,
)
from keju.stages.custody.tests.screens import text, url
from keju.stages.custody.tests.world import CENTRE_PAPERS, papers

MARK = "K7MPQ4XT"
CODE, NEXT = code(Kind.BAG, 17), code(Kind.BAG, 18)
BAG = Made(17, CODE, 31, 60)


def test_what_stands_on_a_page_is_read_back() -> None:
    assert read_paper(printed_code(MARK, 12)) == PaperCode(serial=12, mark=MARK)
    line = paper_text(CODE, 12, MARK)
    assert line == f"{CODE}-000012-K7MP-Q4XT"
    assert read_paper(line.lower()) == PaperCode(CODE, 12, MARK)
    assert read_paper("k7mp-q4??") == PaperCode(mark="K7MPQ4??") and read_paper(CODE.lower()) == PaperCode(
        CODE
    )
    for nonsense in (
        "",
        "x",
        "k7mp-q???",
        code(Kind.CARD_BAG, 17),
        f"{CODE[:-1]}_-000012-K7MP-Q4XT",
        "http://a.b/K7MPQ4XT000012",
    ):
        assert read_paper(nonsense) is None, nonsense


@pytest.mark.rule("V12.5")
@pytest.mark.parametrize(
    ("read", "numbers", "bags", "verdict"),
    [
        (PaperCode("", 40, MARK), [17], [BAG], Verdict.PROVEN),
        (PaperCode(CODE, 40, MARK), [17], [BAG], Verdict.PROVEN),
        (PaperCode("", 61, MARK), [17], [BAG], Verdict.DISAGREES),
        (PaperCode(CODE, 40, MARK), [18], [BAG], Verdict.DISAGREES),
        (PaperCode("", 40, MARK), [], [], Verdict.DISAGREES),
        (PaperCode("", 40, MARK), [18], [], Verdict.UNKNOWN),
        (PaperCode("", 0, "K7MPQ4??"), [17, 18], [BAG], Verdict.LIKELY),
        (PaperCode("", 0, "K7MPQ4??"), [17, 18], [BAG, Made(18, NEXT, 1, 30)], Verdict.SEVERAL),
        (PaperCode(CODE), [], [BAG], Verdict.LIKELY),
        (PaperCode("", 1, MARK), [0], [], Verdict.SPECIMEN),
    ],
)
def test_nobody_is_named_on_half_a_proof(
    read: PaperCode, numbers: list[int], bags: list[Made], verdict: Verdict
) -> None:
    found, bag = judge(read, numbers, bags)
    assert found is verdict and (bag == BAG) == (verdict in (Verdict.PROVEN, Verdict.LIKELY))


def photo_of(pdf: bytes, page: int) -> SimpleUploadedFile:
    """A turned, grey photo of the lower half of a printed page."""
    document = pypdfium2.PdfDocument(pdf)
    drawn = document[page].render(scale=3.2).to_pil().convert("L")
    document.close()
    half = drawn.crop((0, drawn.height // 2, drawn.width, drawn.height)).rotate(7, expand=True, fillcolor=90)
    buffer = io.BytesIO()
    half.save(buffer, "JPEG", quality=70)
    return SimpleUploadedFile("page.jpg", buffer.getvalue(), "image/jpeg")


def taker(exam: Exam) -> tuple[Client, Callable[..., HttpResponse]]:
    """The centre's papers officer, and how they take a file with the code of their device."""
    client = Client()
    person = signed_in(client, "centre", "centre_custody")
    device = TOTPDevice.objects.get(user=person.login)
    drifts = [-1, 0, 1]

    def take(name: str, **asked: str) -> HttpResponse:
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        token = TOTP(device.bin_key, drift=drifts.pop(0)).token()  # a code counts once
        return client.post(url(name), {"code": f"{token:06d}", **asked})

    return client, take


@pytest.mark.rule("V12.5")
def test_one_printed_page_names_site_room_bag_and_holders_and_the_asking_is_on_record(
    exam: Exam, region: Client
) -> None:
    made = papers(exam)
    bag = next(c for c in made if c.kind == "bag")
    letters = tracing.mark(exam, number_of(bag.code))
    other = tracing.mark(exam, number_of(next(c for c in made if c.first_serial and c != bag).code))
    _, take = taker(exam)
    sheets = take("marks-overprint", bag=bag.code)
    photo = photo_of(sheets.content, 1)
    sha = re.compile("[0-9a-f]{64}")
    for asked in (
        {"photo": photo},
        {"typed": paper_text(bag.code, bag.first_serial + 1, letters)},
        {"typed": grouped(letters).lower()},
    ):
        page = region.post(url("trace"), asked)
        (found,) = page.context["answers"]
        assert (found["bag"].pk, found["verdict"]) == (bag.pk, Verdict.PROVEN)
        assert "1301-01" in text(page) and "印刷厂" in text(page)
        if "photo" in asked:
            assert found["read"].serial == bag.first_serial + 1
    (partly,) = region.post(url("trace"), {"typed": letters[:6] + "??"}).context["answers"]
    assert (partly["bag"].pk, partly["verdict"]) == (bag.pk, Verdict.LIKELY)
    for forged in (printed_code(letters, bag.last_serial + 1), paper_text(bag.code, bag.first_serial, other)):
        page = region.post(url("trace"), {"typed": forged})
        assert page.context["answers"][0]["bag"] is None and "没有印过" in text(page)
    abroad, point = Client(), Client()
    signed_in(abroad, "23", "region_custody")
    signed_in(point, "1301", "point_custody")
    assert abroad.post(url("trace"), {"typed": letters}).context["answers"][0]["verdict"] == Verdict.UNKNOWN
    assert point.get(url("trace")).status_code == 403
    blank = SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")
    for unread in ({"typed": "hello"}, {}, {"photo": blank}):
        assert region.post(url("trace"), unread).status_code == 422
    with acting(CENTRE_PAPERS):
        rows = list(LookUp.objects.order_by("pk"))
        assert [bool(sha.fullmatch(r.photo_sha)) for r in rows] == [True] + [False] * 6
        events = list(Event.objects.filter(kind="custody.copy.traced"))
        assert len(events) == len(rows) == 7 and letters not in json.dumps([e.data for e in events])
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM custody_look_up")


@pytest.mark.rule("V12.5")
def test_a_case_leads_to_the_question_and_the_answer_stands_with_the_case(exam: Exam, region: Client) -> None:
    bag = next(c for c in papers(exam) if c.kind == "bag")
    page = region.get(url("case-report") + f"?codes={bag.code}")
    assert bag.code in page.content.decode()
    told = {"key": str(page.context["form"]["key"].value()), "sort": "leak", "words": "网上见到一页"}
    region.post(url("case-report"), told)
    with acting(CENTRE_PAPERS):
        case = Case.objects.get()
    link = url("trace") + f"?case={case.pk}"
    assert link in region.get(url("case", case_id=case.pk)).content.decode()
    assert url("case", case_id=case.pk) in region.get(link).content.decode()
    letters = tracing.mark(exam, number_of(bag.code))
    region.post(url("trace"), {"typed": letters, "case": case.pk})
    shown = region.get(url("case", case_id=case.pk)).context["look_ups"]
    assert [(row.container_id, row.verdict) for row, *_ in shown] == [(bag.pk, "proven")]
    with acting(CENTRE_PAPERS):
        assert Event.objects.get(kind="custody.copy.traced").subject == f"case:{case.pk}"
    assert region.post(url("trace"), {"typed": letters, "case": case.pk + 1}).status_code == 404


@pytest.mark.rule("V12.5")
def test_marks_leave_only_for_the_centre_by_its_own_code_and_on_record(exam: Exam, region: Client) -> None:
    made = papers(exam)
    centre, take = taker(exam)
    assert region.get(url("marks")).status_code == 403
    refused = centre.post(url("marks-take"), {"region": "13", "form": "csv", "code": "00-AAAAAA"})
    assert refused.status_code == 422 and "签字码不对" in text(refused)
    table = take("marks-take", region="13", form="csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    bags = [c for c in made if c.first_serial]
    assert len(rows) == sum(c.copies for c in bags) == len({r["二维码内容"] for r in rows})
    assert "1301" not in {cell[:4] for r in rows for cell in r.values()}  # neither site nor room
    plan = json.loads(take("marks-take", region="13", form="json").content)
    assert [b["bag"] for b in plan["bags"]] == [c.code for c in bags] and plan["layout"]["code_mm"] == 13
    first = plan["bags"][0]
    assert first["code"].format(serial=first["first_serial"]) == rows[0]["二维码内容"]
    specimen = centre.post(url("marks-specimen"))
    document = pypdfium2.PdfDocument(specimen.content)
    assert len(document) == 2 and document[0].get_size() == pytest.approx((595.3, 841.9), abs=0.1)
    (said,) = codes_in(document[0].render(scale=2.5).to_pil())
    document.close()
    (answer,) = region.post(url("trace"), {"typed": said}).context["answers"]
    assert answer["verdict"] == Verdict.SPECIMEN
    with acting(CENTRE_PAPERS):
        taken = list(Event.objects.filter(kind="custody.marks.taken"))
        assert sorted(e.data["form"] for e in taken) == ["csv", "json"]
        assert all(first["letters"] not in json.dumps(e.data) for e in taken)
        assert Print.objects.filter(kind="paper_marks").count() == 1
        with connection.cursor() as cursor:  # the letters stand nowhere in the database
            cursor.execute(
                "SELECT count(*) FROM custody_container c WHERE c::text LIKE %s",
                [f"%{rows[0]['二维码内容'][:8]}%"],
            )
            assert cursor.fetchone() == (0,)
    page = centre.get(url("marks"))
    assert len(page.context["taken"]) == 2


def test_a_picture_larger_than_may_be_read_is_refused_unread(exam: Exam, region: Client) -> None:
    buffer = io.BytesIO()
    Image.new("1", (9000, 7000)).save(buffer, "PNG")
    huge = SimpleUploadedFile("x.png", buffer.getvalue(), "image/png")
    assert region.post(url("trace"), {"photo": huge}).status_code == 422
    with acting(CENTRE_PAPERS):
        assert not LookUp.objects.exists() and not Container.objects.exists()
