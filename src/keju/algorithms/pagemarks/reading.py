"""The codes in a photograph of a page, however it lies: the cheap looks first, bounded in pixels and number."""

from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]
FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)
LONG_SIDE = 3600  # above that nothing more is read
FIRST = 1800
MOST = 16  # codes of one photograph


def codes_in(photo: Image.Image) -> list[str]:
    """As `read_codes`, of a picture in any colours."""
    return read_codes(np.asarray(photo.convert("L")))


def read_codes(photo: Grey) -> list[str]:
    """The texts of the Data Matrix codes on a grey photograph, each once, as soon as a look finds any; empty if none does.

    At most five looks, none on more than `LONG_SIDE` ** 2 pixels.
    """
    for look in _looks(np.ascontiguousarray(photo, dtype=np.uint8)):
        found = zxingcpp.read_barcodes(look, formats=FORMATS, try_invert=False)
        if found:
            return list(dict.fromkeys(code.text for code in found))[:MOST]
    return []


def _looks(photo: Grey) -> Iterator[Grey]:
    long = max(photo.shape)
    if long > FIRST:
        yield _scaled(photo, FIRST / long)
    whole = _scaled(photo, min(1.0, LONG_SIDE / long))
    yield whole
    even = _even(whole)
    yield even
    if long < LONG_SIDE / 1.4:
        larger = _scaled(even, min(2.0, LONG_SIDE / long), cv2.INTER_CUBIC)
        yield larger
        yield _sharp(larger, 3.0)
    yield _sharp(even, 2.5)


def _scaled(photo: Grey, factor: float, how: int = cv2.INTER_AREA) -> Grey:
    return (
        photo
        if factor == 1
        else np.asarray(cv2.resize(photo, None, fx=factor, fy=factor, interpolation=how), np.uint8)
    )


def _even(photo: Grey) -> Grey:
    """As if lit evenly: each pixel against the paper around it, which is the brightest nearby."""
    small = cv2.resize(photo, None, fx=1 / 16, fy=1 / 16, interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (0, 0), 3)
    paper = cv2.resize(paper, photo.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(photo, np.maximum(paper, 8), scale=235), np.uint8)


def _sharp(photo: Grey, radius: float) -> Grey:
    soft = cv2.GaussianBlur(photo, (0, 0), radius)
    return np.asarray(cv2.addWeighted(photo, 2.6, soft, -1.6, 0), np.uint8)
