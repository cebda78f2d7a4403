"""Where the reader looked, for people who check it: the upright image and every bubble's place in its pixels."""

from dataclasses import dataclass

from keju.algorithms.omr.decoding import decode
from keju.algorithms.omr.geometry import Points
from keju.algorithms.omr.layout import BUBBLE, Box, CardLayout
from keju.algorithms.omr.locating import locate
from keju.algorithms.omr.raster import GreyImage
from keju.algorithms.omr.refusing import Refused
from keju.algorithms.omr.tracking import place, track


@dataclass(frozen=True, eq=False)
class Overlay:
    """`image` is upright; boxes are in its pixels: `bubbles[question][option]`, `digits[place][digit]`, `staff`."""

    image: GreyImage
    bubbles: tuple[tuple[Box, ...], ...]
    digits: tuple[tuple[Box, ...], ...]
    staff: tuple[Box, Box]


def overlay(data: bytes, layout: CardLayout) -> Overlay | None:
    """What `read_card` saw of the same bytes; None if it would refuse them before measuring."""
    try:
        sheet = locate(decode(data), layout)
    except Refused:
        return None
    at = place(sheet, layout, track(sheet, layout))
    size = (BUBBLE[0] * sheet.scale, BUBBLE[1] * sheet.scale)
    absent, violation = _boxes(at["staff"], size)
    bubbles, digits = _boxes(at["bubbles"], size), _boxes(at["digits"], size)
    return Overlay(sheet.image, _rows(bubbles, len(layout.options)), _rows(digits, 10), (absent, violation))


def _boxes(centres: Points, size: tuple[float, float]) -> list[Box]:
    w, h = (round(side, 1) for side in size)
    return [Box(round(x - w / 2, 1), round(y - h / 2, 1), w, h) for x, y in centres.tolist()]


def _rows(boxes: list[Box], width: int) -> tuple[tuple[Box, ...], ...]:
    return tuple(tuple(boxes[at : at + width]) for at in range(0, len(boxes), width))
