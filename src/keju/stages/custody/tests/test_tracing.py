"""Whose copy is this? Site, room and bag from one page; every asking on record; forgeries do not fit."""

import io

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody.models import Container
from keju.stages.custody.rules.tracing import PaperCode, paper_code, read_paper
from keju.stages.custody.tests.test_home import text, url
from keju.stages.custody.tests.world import CENTRE_PAPERS, papers


def test_what_stands_at_the_foot_is_read_back() -> None:
    whole = paper_code("B00000017", 12, "K7MPQ4")
    assert read_paper("k7mpq4") == PaperCode(mark="K7MPQ4") and read_paper("x") is None
    assert whole == "B00000017-000012-K7MPQ4"


def photographed(code: str) -> SimpleUploadedFile:
    """A grey, turned photo of a page whose foot bears the code."""
    drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode).to_image(
        scale=4, add_quiet_zones=True
    )
    height, width = drawn.shape
    qr = Image.frombuffer("L", (width, height), memoryview(drawn).tobytes(), "raw", "L", 0, 1)
    page = Image.new("L", (700, 900), 235)
    page.paste(qr, (480, 700))
    buffer = io.BytesIO()
    page.rotate(4, fillcolor=90).save(buffer, "JPEG", quality=70)
    return SimpleUploadedFile("page.jpg", buffer.getvalue(), "image/jpeg")


@pytest.mark.rule("V12.5")
def test_one_page_names_site_room_and_bag_and_the_asking_is_on_record(exam: Exam) -> None:
    bag = next(c for c in papers(exam) if c.kind == "bag")
    other = next(c for c in papers_of(exam) if c.mark and c.pk != bag.pk)
    region, point, abroad = Client(), Client(), Client()
    signed_in(region, "13", "region_custody")
    signed_in(point, "1301", "point_custody")
    signed_in(abroad, "23", "region_custody")
    code = paper_code(bag.code, bag.first_serial, bag.mark)
    for asked in ({"typed": code.lower()}, {"photo": photographed(code)}, {"typed": bag.mark}):
        page = region.post(url("trace"), asked)
        found = page.context["found"]
        assert (found.bag.pk, found.fits) == (bag.pk, True) and "1301-01" in text(page)
    for forged in (
        paper_code(bag.code, bag.last_serial + 1, bag.mark),
        paper_code(bag.code, bag.first_serial, other.mark),
    ):
        page = region.post(url("trace"), {"typed": forged})
        assert not page.context["found"].fits and "没有印过" in text(page)
    assert abroad.post(url("trace"), {"typed": code}).context["found"].bag is None
    assert point.get(url("trace")).status_code == 403
    blank = SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")
    for unread in ({"typed": "hello"}, {}, {"photo": blank}):
        assert region.post(url("trace"), unread).status_code == 422
    with acting(CENTRE_PAPERS):
        assert Event.objects.filter(kind="custody.copy.traced").count() == 6


def papers_of(exam: Exam) -> list[Container]:
    with acting(CENTRE_PAPERS):
        return list(Container.objects.filter(exam=exam).order_by("code"))
