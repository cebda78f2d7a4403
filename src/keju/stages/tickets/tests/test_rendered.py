"""Every paper of an odd site drawn in both languages: as many pages as ordered, everybody on them, the code readable."""

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from keju.kernel.documents import codes
from keju.kernel.documents.composing import Part, checked
from keju.kernel.documents.counting import page_texts
from keju.kernel.documents.rendering import render
from keju.stages.tickets.documents import KINDS, LAYOUTS, Hall, Labels, SitePapers, data_of, labels_of, names
from keju.stages.tickets.tests import odd_site


def drawn(code: str, papers: SitePapers, labels: Labels | None = None, language: str = "zh") -> bytes:
    """The file, read again as it is before it is handed out."""
    kind = KINDS[code]
    labels = labels or labels_of(kind)
    data = data_of(kind, papers, labels)
    files = odd_site.photos() if kind.photo else {}
    pdf = render(template=f"tickets/{code}", data=data, files=files, language=language, tagged=False)
    wanted = names(papers.rooms) if kind.names else ()
    checked(code, pdf, Part(data, files, wanted, kind.pages(papers, labels) if kind.pages else None))
    return pdf


@pytest.mark.rule("V14.6.1", "V14.6.2", "V14.6.3", "V14.6.4", "V14.6.5", "V7.4")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", KINDS)
def test_every_kind_has_its_pages_its_size_and_its_plan(code: str, language: str) -> None:
    pdf = drawn(code, odd_site.papers(), language=language)
    paper = KINDS[code].paper.zh
    document = pypdfium2.PdfDocument(pdf)
    sizes = {tuple(round(side * 25.4 / 72) for side in page.get_size()) for page in document}
    document.close()
    expected = {"A4 纵向": (210, 297), "A4 横向": (297, 210), "A3 纵向": (297, 420), "A3 横向": (420, 297)}
    assert sizes == {expected.get(paper, (600, 60) if code == "banner" else (210, 297))}
    texts = page_texts(pdf)
    digits = {text.count("1a2b3c4d") > 0 for text in texts}
    assert digits == {code != "banner"}
    if language == "zh":
        assert all(any("\u4e00" <= c <= "\u9fff" for c in text) for text in texts)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("code", ["desk_stickers", "bag_labels"])
def test_stickers_come_in_seat_order_on_any_labels(code: str, layout: str) -> None:
    papers = odd_site.papers()
    text = "".join(page_texts(drawn(code, papers, LAYOUTS[layout])))
    if code == "desk_stickers":
        places = [text.index(h.number) for room in papers.rooms for h in room.holders]
        assert places == sorted(places)


@pytest.mark.parametrize("count", [1, 2, 16, 17, 18, 19, 35])
def test_rooms_of_any_size_have_the_pages_that_were_counted(count: int) -> None:
    papers = odd_site.papers()
    papers = replace(papers, rooms=[odd_site.room(papers.halls[0], 1, count, columns=7)])
    for code in ("stubs", "sign_in", "desk_stickers", "door_stickers"):
        drawn(code, papers)


def test_a_tall_building_and_a_wide_site_still_fit_their_boards() -> None:
    halls = [
        Hall(
            n + 1,
            f"{n // 24 + 1}号教学实验综合楼",
            n % 24 // 2 + 1,
            "exam",
            "",
            ("东北角楼梯", "西南角楼梯")[n % 2],
            True,
        )
        for n in range(144)
    ]
    papers = odd_site.papers(halls=halls)
    for code in ("directions", "site_plan", "signposts"):
        drawn(code, papers)


@pytest.mark.rule("V7.3", "V14.3")
@pytest.mark.parametrize("name", odd_site.NAMES)
def test_a_ticket_is_one_sheet_of_both_sides_and_its_code_reads(name: str) -> None:
    data, files = odd_site.ticket(name)
    pdf = render(template="tickets/ticket", data={"tickets": [data]}, files=files, tagged=False)
    checked("ticket", pdf, Part(data, files, [name, "1113010007"], 2))
    front, back = page_texts(pdf)
    assert "准考证" in front and "地铁" in front and "Admission ticket" in back and "明德楼" in back
    document = pypdfium2.PdfDocument(pdf)
    (found,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
    document.close()
    assert codes.verify_code(found.text) == ("ticket", "vet-2011|1113010007|0123456789abcdef")


def test_tickets_set_together_carry_the_typeface_once() -> None:
    one, files = odd_site.ticket()
    single = len(render(template="tickets/ticket", data={"tickets": [one]}, files=files, tagged=False))
    many, carried = [], {}
    for n in range(10):
        data, own = odd_site.ticket(number=f"111301{n:04d}")
        many.append(data)
        carried |= own
    together = render(template="tickets/ticket", data={"tickets": many}, files=carried, tagged=False)
    assert len(page_texts(together)) == 20 and len(together) < 4 * single


@pytest.mark.rule("V14.6.2", "V14.6.5")
@pytest.mark.parametrize("code", ["allocation", "door_stickers"])
def test_a_room_that_somebody_came_to_from_another_tells_its_numbers_as_runs(code: str) -> None:
    """First to last would name people who sit elsewhere."""
    papers = odd_site.papers()
    one, two = papers.rooms[0], papers.rooms[1]
    mixed = [*two.holders[:4], replace(one.holders[7], seat=5), *two.holders[5:]]
    told = page_texts(drawn(code, replace(papers, rooms=[one, replace(two, holders=mixed)])))
    text = " ".join(told).replace("\n", " ").replace("\r", "")
    for run in ("1113010008", "1113010032 – 1113010035", "1113010037 – 1113010061"):
        assert run in text
