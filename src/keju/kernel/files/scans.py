"""Pages that somebody photographed or scanned: bounded, decoded once, kept as a plain picture that can do no harm.

A picture is decoded only after its size in pixels was read, turned upright, brought to at most `LONG_SIDE`, and written
anew: what a camera or a forger hid in the file is gone. A PDF is kept as it is, if it opens and is short; its first page
is drawn small, elsewhere.
"""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

from keju.kernel.files.pdfs import look
from keju.rulebook.words import Words, t

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_PIXELS_UNSCALED = 40_000_000  # of a PNG, which is decoded whole: A4 at 600 dpi
MAX_SCANS = 64  # a progressive JPEG has ten; each costs a walk over the whole picture for a hundred bytes
SCAN = b"\xff\xda"
MAX_PAGES = 20
LONG_SIDE, THUMB_SIDE = 2200, 320
ACCEPT = "image/jpeg,image/png,application/pdf"

TOO_LARGE = t(
    "扫描件超过 10 MB 或像素过大，请用较低的分辨率重新扫描或拍照。",
    "The scan is larger than 10 MB or has too many pixels. Scan or photograph it again at a lower resolution.",
)
UNREADABLE = t(
    "无法读取这个文件。请上传 JPEG、PNG 图片或 PDF。",
    "This file cannot be read. Upload a JPEG or PNG picture, or a PDF.",
)
TOO_LONG = t(
    "PDF 超过 20 页，请只扫描有关的页。", "The PDF has more than 20 pages. Scan only the pages that matter."
)


@dataclass(frozen=True)
class Scan:
    """What to keep. `thumb`: a small JPEG, empty for a PDF whose first page could not be drawn in time."""

    data: bytes
    content_type: str
    thumb: bytes
    pages: int = 1


def received(files: Sequence[IO[bytes]], most: int) -> list[bytes]:
    """What was uploaded, and no more of it than it takes to refuse it: one file more than `most`, one byte more than fit."""
    return [file.read(MAX_BYTES + 1) for file in files[: most + 1]]


def prepare(data: bytes) -> Scan:
    """The upload made safe to keep and to show. ValidationError, in words for whoever scanned it, if it is not fit."""
    if len(data) > MAX_BYTES:
        raise refused(TOO_LARGE)
    if data[:5] == b"%PDF-":
        return _pdf(data)
    return _picture(data)


def refused(words: Words) -> ValidationError:
    return ValidationError(str(words))


def _pdf(data: bytes) -> Scan:
    found = look(data, THUMB_SIDE)
    if not found.pages:
        raise refused(UNREADABLE)
    if found.pages > MAX_PAGES:
        raise refused(TOO_LONG)
    return Scan(data, "application/pdf", found.thumb, found.pages)


def _picture(data: bytes) -> Scan:
    with opened(data, LONG_SIDE) as page:
        small = page.copy()
        small.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
        return Scan(_jpeg(page, 85), "image/jpeg", _jpeg(small, 75))


def opened(data: bytes, long_side: int) -> Image.Image:
    """A JPEG or PNG upright in RGB, at most `long_side` pixels long, decoded only after its size was read: to be looked at and
    not kept. ValidationError, in words for whoever photographed it, if it is too large or no such picture."""
    if len(data) > MAX_BYTES:
        raise refused(TOO_LARGE)
    if data.startswith(b"\xff\xd8") and data.count(SCAN) > MAX_SCANS:
        raise refused(UNREADABLE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of doubtful metadata: it is dropped anyway
        try:
            with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
                most = MAX_PIXELS if image.format == "JPEG" else min(MAX_PIXELS, MAX_PIXELS_UNSCALED)
                if image.width * image.height > most:
                    raise refused(TOO_LARGE)
                image.draft("RGB", (long_side, long_side))  # a large JPEG is decoded at a smaller scale
                ImageOps.exif_transpose(image, in_place=True)
                page = _plain(_reduced(image, long_side))
        except ValidationError:
            raise
        except Exception as error:
            raise refused(UNREADABLE) from error
    page.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    return page


def _reduced(image: Image.Image, long_side: int) -> Image.Image:
    """Near the size that is wanted, before copies are made of it."""
    factor = max(image.size) // long_side
    return image.reduce(factor) if factor > 1 and image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else image


def _plain(image: Image.Image) -> Image.Image:
    """RGB on white: what was transparent is paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        paper = Image.new("RGB", clear.size, "white")
        paper.paste(clear, mask=clear.getchannel("A"))
        return paper
    return image.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=False)
    return buffer.getvalue()
