"""Where on an A4 page the codes and letters stand, in mm from the upper left corner of the trimmed page.

Nine codes along both edges: any strip across the page of 6 cm holds a whole one, any strip of one edge of 10.4 cm.
Pale letters run through the text itself: who cuts the margins off cannot cut those off.
"""

from dataclasses import dataclass

PAGE = (210.0, 297.0)
SIDE = 13.0  # of a code with its quiet zone
MODULES, QUIET = 16, 2  # Data Matrix ECC 200, 16 by 16; white around it
LEFT, RIGHT = 8.0, PAGE[0] - 8.0 - SIDE
CODES: tuple[tuple[float, float], ...] = (
    *((LEFT, y) for y in (6.0, 97.0, 188.0, 276.0)),
    *((RIGHT, y) for y in (6.0, 51.5, 142.5, 233.5, 276.0)),
)
TEXT_Y = 284.0  # the line of the whole text at the foot, between the codes
CLEAR = (
    24.0  # the text of the paper keeps so far from the left and right edge, so that no code is printed over
)


@dataclass(frozen=True)
class Pale:
    """The pale letters: so far apart, turned and grey (0 black, 1 white), so high."""

    step_x: float = 54.0
    step_y: float = 38.0
    turn: float = -30.0
    grey: float = 0.84
    points: float = 20.0


PALE = Pale()
