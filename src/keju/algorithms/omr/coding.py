"""The two codes of a card and its ticket bubbles, read apart so that they can contradict each other."""

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from keju.algorithms.omr.layout import Box, CardLayout
from keju.algorithms.omr.locating import Sheet
from keju.algorithms.omr.measuring import Values
from keju.algorithms.omr.payload import Payload, parse_payload

FILLED, EMPTY = 0.5, 0.3  # share of the darkest bubble of the grid


def _crop(sheet: Sheet, box: Box, margin: float) -> NDArray[np.uint8]:
    x, y, w, h = box.x - margin, box.y - margin, box.w + 2 * margin, box.h + 2 * margin
    corners = sheet.pixels(np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]))
    (left, top), (right, low) = corners.min(axis=0), corners.max(axis=0)
    height, width = sheet.image.shape
    rows = slice(max(0, int(top)), min(height, int(low) + 1))
    columns = slice(max(0, int(left)), min(width, int(right) + 1))
    return np.ascontiguousarray(sheet.image[rows, columns])


def _read(crop: NDArray[np.uint8], formats: zxingcpp.BarcodeFormats, *, hard: bool) -> list[str]:
    if crop.size == 0:
        return []
    found = zxingcpp.read_barcodes(
        crop, formats=formats, try_rotate=hard, try_downscale=hard, try_invert=False, is_pure=False
    )
    return [code.text for code in found]


def _one(sheet: Sheet, box: Box, margin: float, formats: zxingcpp.BarcodeFormats) -> Payload | None:
    crop = _crop(sheet, box, margin)
    for hard in (False, True):
        for text in _read(crop, formats, hard=hard):
            payload = parse_payload(text)
            if payload is not None:
                return payload
    return None


def read_codes(sheet: Sheet, layout: CardLayout) -> tuple[Payload | None, Payload | None]:
    """What Code 128 and QR say, each None if unreadable or no card code."""
    return (
        _one(sheet, layout.code128, 1.5, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.Code128)),
        _one(sheet, layout.qr, 1.0, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)),
    )


def ticket_bubbles(digits: Values) -> str:
    """The ticket number as printed in bubbles, `?` where a column has not exactly one filled."""
    usual = float(np.median(digits.max(axis=1)))
    if usual < 0.15:
        return "?" * len(digits)
    out = []
    for column in digits:
        filled = np.flatnonzero(column > FILLED * usual)
        grey = (column > EMPTY * usual).sum()
        out.append(str(int(filled[0])) if len(filled) == 1 and grey == 1 else "?")
    return "".join(out)
