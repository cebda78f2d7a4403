"""Files that are no card, half a card, another card or a trap."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from keju.algorithms.omr import (
    WORDS,
    CardLayout,
    GreyImage,
    Reason,
    Status,
    as_marks,
    card_layout,
    mark_up,
    print_cards,
    random_marks,
    rasterise,
    read_card,
)
from keju.algorithms.omr.decoding import decode
from keju.algorithms.omr.degrading import to_jpeg
from keju.algorithms.omr.tests.conftest import face


def refused(data: bytes, layout: CardLayout) -> Reason:
    reading = read_card(data, layout)
    assert reading.status is Status.REFUSED
    assert reading.answers == ()
    (reason,) = reading.reasons
    return reason


@pytest.fixture(scope="module")
def good(layout: CardLayout, sheet: GreyImage) -> bytes:
    rng = np.random.default_rng(1)
    return to_jpeg(mark_up(sheet, layout, random_marks(layout, rng), rng))


@pytest.mark.parametrize("data", [b"", b"x", b"%PDF-1.7 ", b"GIF89a" + bytes(50), b"PK\3\4" + bytes(90)])
def test_not_an_image(data: bytes, layout: CardLayout) -> None:
    assert refused(data, layout) is Reason.NOT_AN_IMAGE


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.3, 0.9, 0.999])
def test_truncated_jpeg(good: bytes, share: float, layout: CardLayout) -> None:
    assert refused(good[: max(3, int(len(good) * share))], layout) is Reason.TRUNCATED


@pytest.mark.parametrize("where", [0.05, 0.4, 0.8])
def test_jpeg_with_a_piece_cut_out(good: bytes, where: float, layout: CardLayout) -> None:
    at = int(len(good) * where)
    assert read_card(good[:at] + good[at + 4000 :], layout).status is not Status.OK


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_png_bomb_is_refused_before_decoding(layout: CardLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("decoded a bomb")

    monkeypatch.setattr("keju.algorithms.omr.decoding.cv2.imdecode", never)
    assert refused(png(60_000, 60_000), layout) is Reason.TOO_LARGE
    assert refused(bytes(40_000_001), layout) is Reason.TOO_LARGE


def test_jpeg_and_tiff_bombs(good: bytes, layout: CardLayout, sheet: GreyImage) -> None:
    at = good.index(b"\xff\xc0") + 5
    assert (
        refused(good[:at] + struct.pack(">HH", 65_000, 65_000) + good[at + 4 :], layout) is Reason.TOO_LARGE
    )
    tiff = bytearray(struct.pack("<2sHIH", b"II", 42, 8, 2))
    tiff += struct.pack("<HHII", 256, 4, 1, 90_000) + struct.pack("<HHII", 257, 4, 1, 90_000)
    assert refused(bytes(tiff), layout) is Reason.TOO_LARGE
    assert refused(bytes(tiff[:20]), layout) is Reason.TRUNCATED
    del sheet


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_other_formats_read_the_same(suffix: str, layout: CardLayout, sheet: GreyImage) -> None:
    rng = np.random.default_rng(2)
    marks = random_marks(layout, rng)
    data = cv2.imencode(suffix, mark_up(sheet, layout, marks, rng))[1].tobytes()
    reading = read_card(data, layout)
    assert tuple(a.answer for a in reading.answers) == marks.truth("ABCDE")
    assert read_card(data[: len(data) // 2], layout).status is Status.REFUSED


def test_size_and_resolution(layout: CardLayout, sheet: GreyImage) -> None:
    assert refused(to_jpeg(sheet[:1900]), layout) is Reason.WRONG_SIZE
    assert refused(to_jpeg(sheet[::2, ::2]), layout) is Reason.TOO_COARSE
    assert refused(to_jpeg(np.full((2339, 1654), 250, np.uint8)), layout) is Reason.NO_MARKS
    assert refused(to_jpeg(np.zeros((2339, 1654), np.uint8)), layout) is Reason.NO_MARKS


def test_mirrored_and_turned_sheets(good: bytes, layout: CardLayout) -> None:
    image = decode(good)
    assert refused(to_jpeg(image[:, ::-1]), layout) is Reason.ORIENTATION
    assert refused(to_jpeg(image[::-1]), layout) is Reason.ORIENTATION
    upright = read_card(to_jpeg(image, 95), layout)
    for turns in (1, 2, 3):
        turned = read_card(to_jpeg(np.rot90(image, turns), 95), layout)
        assert [a.answer for a in turned.answers] == [a.answer for a in upright.answers]
        assert turned.turned != 0
        assert turned.status is Status.OK


def test_without_its_orientation_mark_a_sheet_is_refused(layout: CardLayout, sheet: GreyImage) -> None:
    image, box, scale = sheet.copy(), layout.orientation, sheet.shape[1] / 210
    image[
        int((box.y - 1) * scale) : int((box.y + 4) * scale),
        int((box.x - 1) * scale) : int((box.x + 4) * scale),
    ] = 246
    assert refused(to_jpeg(image), layout) is Reason.ORIENTATION


def test_another_layout_is_refused(good: bytes) -> None:
    assert refused(good, card_layout(100, "ABCDE", 10)) is Reason.OTHER_TEMPLATE
    assert refused(good, card_layout(200, "ABCD", 10)) is Reason.OTHER_TEMPLATE


def test_another_exam_is_named_by_its_payload(layout: CardLayout) -> None:
    image = next(rasterise(print_cards(layout, [face(exam="PHY2012", session="PM")])))
    reading = read_card(to_jpeg(image), layout)
    assert reading.payload is not None
    assert (reading.payload.exam, reading.payload.session) == ("PHY2012", "PM")


def test_code_and_bubbles_that_disagree(layout: CardLayout, sheet: GreyImage) -> None:
    other = next(rasterise(print_cards(layout, [face("1132012346")])))
    scale = sheet.shape[1] / 210
    swapped = sheet.copy()
    for area in (layout.code128, layout.qr):
        box = tuple(
            slice(int(a * scale), int((a + b) * scale)) for a, b in ((area.y, area.h), (area.x, area.w))
        )
        swapped[box] = other[box]
        reading = read_card(to_jpeg(swapped), layout)
        expected = Reason.CODES_DISAGREE if area is layout.code128 else Reason.TICKET_MISMATCH
        assert expected in reading.reasons


def test_one_code_is_enough_but_none_is_not(layout: CardLayout, sheet: GreyImage) -> None:
    scale = sheet.shape[1] / 210
    rng = np.random.default_rng(4)
    image = mark_up(sheet, layout, random_marks(layout, rng), rng)
    for area, enough in ((layout.code128, True), (layout.qr, False)):
        image[
            int(area.y * scale) : int((area.y + area.h) * scale),
            int(area.x * scale) : int((area.x + 60) * scale),
        ] = 250
        reading = read_card(to_jpeg(image), layout)
        assert (reading.status is Status.OK) is enough
        assert (Reason.CODE_UNREADABLE in reading.reasons) is not enough


def test_invigilators_marks(layout: CardLayout, sheet: GreyImage) -> None:
    rng = np.random.default_rng(5)
    empty = as_marks([None] * 200)
    assert Reason.BLANK_CARD in read_card(to_jpeg(sheet), layout).reasons
    absent = read_card(to_jpeg(mark_up(sheet, layout, as_marks([None] * 200, absent=True), rng)), layout)
    assert (absent.status, absent.absent, absent.violation) == (Status.OK, True, False)
    filled = as_marks([1] * 200, absent=True, violation=True)
    both = read_card(to_jpeg(mark_up(sheet, layout, filled, rng)), layout)
    assert both.absent
    assert both.violation
    assert Reason.ABSENT_WITH_ANSWERS in both.reasons
    assert len(empty.answers) == 200


def test_always_the_same_option(layout: CardLayout, sheet: GreyImage) -> None:
    rng = np.random.default_rng(6)
    for option in range(5):
        reading = read_card(to_jpeg(mark_up(sheet, layout, as_marks([option] * 200), rng)), layout)
        assert {a.answer for a in reading.answers} == {"ABCDE"[option]}


def test_every_reason_has_words() -> None:
    assert set(WORDS) == set(Reason)
    assert all(zh and en for zh, en in WORDS.values())


def test_no_random_bytes_raise(good: bytes, layout: CardLayout) -> None:
    rng = np.random.default_rng(8)
    for head in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b""):
        for _ in range(20):
            assert read_card(head + rng.bytes(int(rng.integers(0, 400))), layout).status is Status.REFUSED
    for _ in range(10):
        hurt = bytearray(good)
        for at in rng.integers(0, len(good), 30):
            hurt[at] = int(rng.integers(256))
        assert read_card(bytes(hurt), layout).status in set(Status)
    assert not Path("core").exists()
