"""A page with its codes, drawn plainly: for measuring the reading without a print shop."""

import cv2
import numpy as np
import zxingcpp

from keju.algorithms.pagemarks.photographing import Grey, Rng
from keju.algorithms.pagemarks.places import CLEAR, CODES, PAGE, QUIET, SIDE


def page(text: str, rng: Rng, scale: int = 11) -> Grey:
    """An A4 page with strokes as of writing and the codes at their places, `scale` pixels to the mm."""
    image = np.full((round(PAGE[1] * scale), round(PAGE[0] * scale)), 250, np.uint8)
    for y in np.arange(CLEAR, PAGE[1] - CLEAR, 6):
        for x in np.arange(CLEAR + 2, PAGE[0] - CLEAR - 6, 6):
            for stroke in np.array([x, y]) + rng.uniform(0, 4, (3, 2, 2)):
                (x0, y0), (x1, y1) = np.rint(stroke * scale).astype(int)
                cv2.line(image, (int(x0), int(y0)), (int(x1), int(y1)), 30, max(1, scale // 3))
    code = symbol(text, round(SIDE * scale))
    for x, y in CODES:
        top, left = round(y * scale), round(x * scale)
        image[top : top + len(code), left : left + len(code)] = code
    return image


def symbol(text: str, side: int) -> Grey:
    """The Data Matrix of the text with its white border, so many pixels wide and high."""
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True).to_image(
        scale=1, add_quiet_zones=False
    )
    framed = np.pad(np.asarray(drawn), QUIET, constant_values=255)
    return np.asarray(cv2.resize(framed, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
