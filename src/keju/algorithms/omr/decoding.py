"""Image bytes to grey pixels, with bounds that hold before anything is decoded."""

import struct

import cv2
import numpy as np
import simplejpeg

from keju.algorithms.omr.raster import GreyImage
from keju.algorithms.omr.refusing import Reason, Refused

MAX_BYTES = 40_000_000
MAX_SIDE = 7_200  # A4 at 600 dpi and some
_PNG = b"\x89PNG\r\n\x1a\n"
# Luminance quantisation, quality 50 of the reference tables: the sum that a scaled table is compared with.
_SUM_AT_50 = 3_688


def _png_size(data: bytes) -> tuple[int, int]:
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise Refused(Reason.TRUNCATED)
    width, height = struct.unpack(">II", data[16:24])
    if data[-12:] != b"\0\0\0\0IEND\xaeB`\x82":
        raise Refused(Reason.TRUNCATED)
    return width, height


def _tiff_size(data: bytes) -> tuple[int, int]:
    order = "<" if data[:2] == b"II" else ">"
    size: dict[int, int] = {}
    try:
        (at,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, at)
        for entry in range(min(count, 200)):
            tag, kind = struct.unpack_from(order + "HH", data, at + 2 + 12 * entry)
            if tag in (256, 257):
                (size[tag],) = struct.unpack_from(
                    order + ("H" if kind == 3 else "I"), data, at + 10 + 12 * entry
                )
        return size[256], size[257]
    except (struct.error, KeyError):
        raise Refused(Reason.TRUNCATED) from None


def _bounded(width: int, height: int) -> None:
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise Refused(Reason.TOO_LARGE)


def _jpeg(data: bytes) -> GreyImage:
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError:
        raise Refused(Reason.TRUNCATED) from None
    _bounded(width, height)
    if b"\xff\xd9" not in data[-64:]:
        raise Refused(Reason.TRUNCATED)
    try:
        grey = simplejpeg.decode_jpeg(data, colorspace="GRAY")
    except ValueError:
        raise Refused(Reason.TRUNCATED) from None
    return np.asarray(grey, dtype=np.uint8)[:, :, 0]


def decode(data: bytes) -> GreyImage:
    """Grey pixels of a JPEG, PNG or TIFF. Raises `Refused`: not an image, truncated, or larger than the bounds."""
    if len(data) > MAX_BYTES:
        raise Refused(Reason.TOO_LARGE)
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    if data[:8] == _PNG:
        _bounded(*_png_size(data))
    elif data[:4] in (b"II*\0", b"MM\0*"):
        _bounded(*_tiff_size(data))
    else:
        raise Refused(Reason.NOT_AN_IMAGE)
    try:
        flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        grey = None
    if grey is None:
        raise Refused(Reason.TRUNCATED)
    return np.asarray(grey, dtype=np.uint8)


def jpeg_quality(data: bytes) -> float | None:
    """The quality setting (1–100) that the luminance table of a JPEG corresponds to; None for other files."""
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 4 < len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, at + 2)
        if data[at + 1] == 0xDB and data[at + 4] == 0 and length >= 67:
            scale = 100 * sum(data[at + 5 : at + 69]) / _SUM_AT_50
            return 5000 / scale if scale > 100 else (200 - scale) / 2
        at += 2 + length
    return None
