"""Where everything on an answer card stands: millimetres from the top left corner of an A4 sheet.

The same value draws the card, marks it up in rehearsals and reads it, so the three cannot disagree.
"""

import hashlib
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

PAGE = (210.0, 297.0)
MARK_SIZE = 5.0
MARK_INSET = 14.0  # centres this far from the edges, so that 3 degrees of skew never clips one
BUBBLE = (4.0, 2.5)
LEFT, RIGHT = 16.0, 194.0
TRACK_INSET = 12.6
ROWS, COLUMNS, GROUP = 20, 5, 5
PER_BLOCK = ROWS * COLUMNS
DIGIT_TOP, DIGIT_PITCH = 40.0, 3.9
GAUGE_GREYS = (0.85, 0.70)  # printed greys that tell whether a scan still shows faint pencil


class Box(NamedTuple):
    """A rectangle in millimetres: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def centre(self) -> tuple[float, float]:
        """The middle point."""
        return self.x + self.w / 2, self.y + self.h / 2


@dataclass(frozen=True)
class Block:
    """Up to a hundred questions under one heading: first question index, count, heading area, tints."""

    first: int
    count: int
    heading: Box
    columns: tuple[Box, ...]
    tints: tuple[Box, ...]


@dataclass(frozen=True)
class CardLayout:
    """One template. Equal parameters give an equal value; `version` names it on the card itself.

    `marks` are the centres of the reference squares, clockwise from the top left.
    `bubbles[question][option]` and `digits[position][digit]` are boxes; `track` are the bars at both
    sides (left and right alternate, top to bottom), `rulers` the bars between columns.
    """

    questions: int
    options: str
    ticket_digits: int
    marks: tuple[tuple[float, float], ...]
    orientation: Box
    bubbles: tuple[tuple[Box, ...], ...]
    digits: tuple[tuple[Box, ...], ...]
    absent: Box
    violation: Box
    code128: Box
    qr: Box
    facts: Box
    name_field: Box
    strip: Box
    track: tuple[Box, ...]
    rulers: tuple[Box, ...]
    gauge: tuple[Box, ...]
    blocks: tuple[Block, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:  # every cache of a layout asks; a thousand boxes are hashed only once
        return hash(self.version)

    @cached_property
    def version(self) -> str:
        """Six hexadecimal digits over the whole geometry: another geometry has another version."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:6].upper()


def _around(x: float, y: float, w: float, h: float) -> Box:
    return Box(round(x - w / 2, 3), round(y - h / 2, 3), w, h)


def _row_centres(top: float, pitch: float, gap: float) -> list[float]:
    return [round(top + pitch * (row + 0.5) + gap * (row // GROUP), 3) for row in range(ROWS)]


def _block(
    number: int, top: float, questions: int, options: int, pitch: float, gap: float
) -> tuple[Block, list[tuple[Box, ...]], list[float]]:
    """One block: its frame, the bubbles of its questions, and the centres of its rows."""
    first = number * PER_BLOCK
    count = min(PER_BLOCK, questions - first)
    ys = _row_centres(top + 8.0, pitch, gap)
    width = (RIGHT - LEFT) / COLUMNS
    step = 5.35 if options == 5 else 6.5
    bubbles, columns, tints = [], [], []
    for column in range(-(-count // ROWS)):
        left = LEFT + width * column
        columns.append(Box(left, top + 4.6, width, 3.4))
        for group in range(ROWS // GROUP):
            held = min(GROUP, count - column * ROWS - group * GROUP)
            if held > 0 and (group + column) % 2 == 0:
                box_top = ys[group * GROUP] - pitch / 2 - gap * 0.25
                tints.append(Box(left + 0.5, box_top, width - 1.0, pitch * held + gap * 0.5))
        start = left + 7.4 + step / 2 + (0.4 if options == 5 else 0.6)
        for row in range(min(ROWS, count - column * ROWS)):
            bubbles.append(tuple(_around(start + step * o, ys[row], *BUBBLE) for o in range(options)))
    heading = Box(LEFT, top, RIGHT - LEFT, 4.6)
    return Block(first, count, heading, tuple(columns), tuple(tints)), bubbles, ys


def _check(questions: int, options: str, ticket_digits: int) -> None:
    if not 1 <= questions <= 2 * PER_BLOCK:
        raise ValueError(f"a card holds 1 to {2 * PER_BLOCK} questions, not {questions}")
    if not 4 <= len(options) <= 5 or len(set(options)) != len(options) or not options.isupper():
        raise ValueError(f"options are four or five different capital letters, not {options!r}")
    if not 6 <= ticket_digits <= 16:
        raise ValueError(f"a ticket number has 6 to 16 digits here, not {ticket_digits}")


@lru_cache(maxsize=32)
def card_layout(questions: int = 200, options: str = "ABCDE", ticket_digits: int = 10) -> CardLayout:
    """The layout for that many questions, options and ticket digits. Raises `ValueError` if it cannot fit."""
    _check(questions, options, ticket_digits)
    step = 5.4 if ticket_digits <= 11 else 4.8
    grid = RIGHT - step * ticket_digits
    digits = tuple(
        tuple(
            _around(grid + step * (place + 0.5), DIGIT_TOP + DIGIT_PITCH * (d + 0.5), *BUBBLE)
            for d in range(10)
        )
        for place in range(ticket_digits)
    )
    panel = grid - LEFT - 5.0
    count = -(-questions // PER_BLOCK)
    pitch, gap, top = (3.9, 1.4, 91.5) if count == 2 else (5.4, 2.4, 94.0)
    blocks, bubbles = [], []
    rows = [digits[0][d].centre[1] for d in range(10)]
    for number in range(count):
        block, mine, ys = _block(number, top, questions, len(options), pitch, gap)
        blocks.append(block)
        bubbles += mine
        rows += ys
        top = ys[-1] + pitch / 2 + 2.6
    ruler_rows = [block.columns[0].y + 1.5 for block in blocks] + [top - 0.6]
    far = (PAGE[0] - MARK_INSET, PAGE[1] - MARK_INSET)
    width = (RIGHT - LEFT) / COLUMNS
    return CardLayout(
        questions=questions,
        options=options,
        ticket_digits=ticket_digits,
        marks=((MARK_INSET, MARK_INSET), (far[0], MARK_INSET), far, (MARK_INSET, far[1])),
        orientation=_around(MARK_INSET + 9.0, MARK_INSET, 3.0, 3.0),
        bubbles=tuple(bubbles),
        digits=digits,
        absent=_around(RIGHT - 41.5, 85.0, *BUBBLE),
        violation=_around(RIGHT - 18.2, 85.0, *BUBBLE),
        code128=Box(LEFT, 66.5, panel, 10.5),
        qr=Box(LEFT + panel - 26.0, 26.5, 26.0, 26.0),
        facts=Box(LEFT, 26.5, panel - 29.0, 26.0),
        name_field=Box(LEFT, 54.5, panel, 9.5),
        strip=Box(LEFT, 81.5, RIGHT - LEFT, 7.0),
        track=tuple(_around(x, y, 2.4, 1.1) for y in rows for x in (TRACK_INSET, PAGE[0] - TRACK_INSET)),
        rulers=tuple(_around(LEFT + width * k, y, 1.1, 2.2) for y in ruler_rows for k in range(COLUMNS + 1)),
        gauge=(_around(LEFT + panel - 9.5, 85.0, 3.2, 3.2), _around(LEFT + panel - 5.5, 85.0, 3.2, 3.2)),
        blocks=tuple(blocks),
    )
