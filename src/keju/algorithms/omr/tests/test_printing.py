"""The PDF: deterministic, every word in it, codes that others can read, names that do not fit the usual."""

import numpy as np
import pypdfium2
import pytest
import segno
import zxingcpp

from keju.algorithms.omr import (
    CardLayout,
    MissingGlyphs,
    Payload,
    card_layout,
    missing_glyphs,
    parse_payload,
    print_cards,
)
from keju.algorithms.omr.code128 import code128_values
from keju.algorithms.omr.qr import MASK, qr_matrices
from keju.algorithms.omr.raster import rasterise
from keju.algorithms.omr.tests.conftest import face

LONG = "阿不都热西提·买买提吐尔逊江·艾合麦提托合提玉素甫江卡"
RARE = "𠮷𡈽"


def text_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def test_equal_input_gives_equal_bytes(layout: CardLayout) -> None:
    faces = [face(f"11320{n:05d}", name=LONG) for n in range(3)]
    assert print_cards(layout, faces) == print_cards(layout, faces)


def test_pages_carry_their_own_words(layout: CardLayout) -> None:
    names = ["王小明", LONG, RARE, "Anne-Marie O’Neill"]
    pages = text_of(print_cards(layout, [face(f"11320{n:05d}", name=name) for n, name in enumerate(names)]))
    assert len(pages) == 4
    for n, (name, page) in enumerate(zip(names, pages)):
        assert name in page.replace("\r\n", "")
        assert f"11320{n:05d}" in page
    assert len(LONG) >= 25


def test_template_is_drawn_once(layout: CardLayout) -> None:
    one, many = (len(print_cards(layout, [face(f"11320{n:05d}") for n in range(count)])) for count in (1, 51))
    assert (many - one) / 50 < 4_500


def test_missing_glyphs_are_reported_or_replaced(layout: CardLayout) -> None:
    strange = "王\U0003134a"
    assert missing_glyphs([strange]) == "\U0003134a"
    with pytest.raises(MissingGlyphs) as caught:
        print_cards(layout, [face(name=strange)])
    assert caught.value.characters == "\U0003134a"
    assert "王〓" in text_of(print_cards(layout, [face(name=strange)], substitute=True))[0]


def test_what_cannot_be_printed_is_refused(layout: CardLayout) -> None:
    with pytest.raises(ValueError, match="no card"):
        print_cards(layout, [])
    for ticket in ("123", "11320123456", "113201234x", "１１３２０１２３４５"):
        with pytest.raises(ValueError, match="ticket number"):
            print_cards(layout, [face(ticket)])
    with pytest.raises(ValueError, match="too long"):
        print_cards(layout, [face(exam="x" * 30)])


def test_codes_are_read_by_a_reader_that_is_not_ours(layout: CardLayout) -> None:
    (image,) = rasterise(print_cards(layout, [face()]))
    texts = {code.text for code in zxingcpp.read_barcodes(image)}
    assert texts == {face().payload(layout).text}
    kinds = {code.format for code in zxingcpp.read_barcodes(image)}
    assert len(kinds) == 2


@pytest.mark.parametrize("length", [26, 42, 62, 84])
def test_qr_equals_another_encoder(length: int) -> None:
    text = ("KJ1|VET2011|AM|1132012345|" + "Q" * 99)[:length]
    (ours,) = qr_matrices([text.encode()])
    version = (len(ours) - 17) // 4
    theirs = segno.make(
        text, version=version, error="m", mask=MASK, mode="byte", boost_error=False, micro=False
    )
    assert np.array_equal(ours, np.array([list(row) for row in theirs.matrix]))


@pytest.mark.parametrize("length", range(1, 85, 7))
def test_qr_of_every_length_is_readable(length: int) -> None:
    text = ("KJ1|VET2011|AM|1132012345|" + "q%" * 50)[:length]
    ours = qr_matrices([text.encode(), b"x" * 5])[0]
    image = np.kron(np.pad(1 - ours, 4, constant_values=1), np.ones((5, 5))) * 255
    assert [code.text for code in zxingcpp.read_barcodes(image.astype(np.uint8))] == [text]


def test_code128_uses_pairs_of_digits_and_refuses_the_rest() -> None:
    assert code128_values("1132012345")[:6] == [105, 11, 32, 1, 23, 45]
    assert len(code128_values("KJ1|A|1132012345")) < len(code128_values("KJ1|A|abcdefghij"))
    with pytest.raises(ValueError, match="ASCII"):
        code128_values("王")


def test_payload_round_trip_and_every_changed_character() -> None:
    payload = Payload("VET2011", "AM", "1132012345", "ABC123")
    assert parse_payload(payload.text) == payload
    for at in range(len(payload.text)):
        changed = payload.text[:at] + ("#" if payload.text[at] != "#" else "+") + payload.text[at + 1 :]
        assert parse_payload(changed) is None
    with pytest.raises(ValueError, match="printable ASCII"):
        Payload("a|b", "AM", "1", "x")


def test_layouts_fit_their_page_and_never_overlap() -> None:
    for questions in (100, 101, 150, 199, 200):
        for options in ("ABCD", "ABCDE"):
            for digits in (8, 10, 12, 16):
                layout = card_layout(questions, options, digits)
                boxes = [b for row in (*layout.bubbles, *layout.digits) for b in row]
                boxes += [layout.absent, layout.violation, layout.orientation, *layout.track, *layout.rulers]
                a = np.array(boxes)
                assert a[:, 0].min() > 11
                assert (a[:, 0] + a[:, 2]).max() < 199
                assert (a[:, 1] + a[:, 3]).max() < 280
                apart_x = np.abs((a[:, 0] + a[:, 2] / 2)[:, None] - (a[:, 0] + a[:, 2] / 2)[None])
                apart_y = np.abs((a[:, 1] + a[:, 3] / 2)[:, None] - (a[:, 1] + a[:, 3] / 2)[None])
                over = (apart_x < (a[:, 2][:, None] + a[:, 2][None]) / 2) & (
                    apart_y < (a[:, 3][:, None] + a[:, 3][None]) / 2
                )
                np.fill_diagonal(over, False)
                assert not over.any(), (questions, options, digits)
                assert all(13 <= x <= 197 and 13 <= y <= 284 for x, y in layout.marks)
    versions = {card_layout(q, o, d).version for q in (100, 200) for o in ("ABCD", "ABCDE") for d in (8, 10)}
    assert len(versions) == 8


def test_impossible_layouts_are_refused() -> None:
    for arguments in (
        (0, "ABCDE", 10),
        (201, "ABCDE", 10),
        (100, "ABC", 10),
        (100, "AABC", 10),
        (100, "ABCD", 3),
    ):
        with pytest.raises(ValueError):
            card_layout(*arguments)
