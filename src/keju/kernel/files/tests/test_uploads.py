"""Uploads that cost more than they are: they are refused, or dealt with at a bounded price."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from keju.kernel.files import scans


def progressive(scans_: int) -> bytes:
    """A small grey JPEG whose last scan comes again and again, a few bytes each."""
    with Image.new("L", (64, 64), 128) as image:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans_ + data[-2:]


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded():
    assert scans.prepare(progressive(1)).content_type == "image/jpeg"
    with pytest.raises(ValidationError):
        scans.prepare(progressive(scans.MAX_SCANS))


def png(width: int, height: int, *, empty: bool = False) -> bytes:
    with Image.new("RGBA", (1, 1) if empty else (width, height), (10, 90, 50, 255)) as image:
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    if empty:  # the head alone says how large it would be
        data[16:24] = struct.pack(">II", width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


def test_a_large_png_is_brought_down_before_copies_are_made_of_it(monkeypatch):
    seen = []
    true = scans._plain
    monkeypatch.setattr(scans, "_plain", lambda image: (seen.append(image.size), true(image))[1])
    page = scans.prepare(png(3 * scans.LONG_SIDE, 40))
    assert seen == [(scans.LONG_SIDE, 14)]
    assert page.content_type == "image/jpeg"


def test_a_png_is_decoded_whole_so_it_may_have_fewer_pixels_than_a_jpeg():
    with pytest.raises(ValidationError) as refused:
        scans.prepare(png(7000, 7000, empty=True))
    assert refused.value.messages == [str(scans.TOO_LARGE)]
