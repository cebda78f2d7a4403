"""A scanned card for people: upright and straightened, so that a millimetre of the layout is where it should be."""

import cv2
import numpy as np

from keju.algorithms.omr.decoding import decode
from keju.algorithms.omr.layout import PAGE, CardLayout
from keju.algorithms.omr.locating import locate
from keju.algorithms.omr.refusing import Refused

SCALE = 6.0  # pixels per mm of the picture shown
PLAIN = 1400  # pixels of the longer side where the sheet was not found


def straightened(data: bytes, layout: CardLayout) -> tuple[bytes, bool]:
    """(JPEG, whether the card was found): the card as an upright page of `SCALE` pixels per mm, else the image as it is.

    Raises `Refused` if the data is no image at all.
    """
    image = decode(data)
    try:
        sheet = locate(image, layout)
    except Refused:
        size = min(1.0, PLAIN / max(image.shape))
        return _jpeg(cv2.resize(image, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)), False
    to_page = np.diag([SCALE, SCALE, 1.0]) @ np.linalg.inv(sheet.to_pixels)
    width, height = round(PAGE[0] * SCALE), round(PAGE[1] * SCALE)
    page = cv2.warpPerspective(sheet.image, to_page, (width, height), borderValue=(255.0, 255.0, 255.0))
    return _jpeg(page), True


def _jpeg(image: np.ndarray) -> bytes:
    ok, buffer = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 82])
    if not ok:
        raise ValueError("the picture cannot be written")
    return buffer.tobytes()
