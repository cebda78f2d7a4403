"""A card on the screen: its picture, the boxes on it, and why it is here, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from keju.algorithms.omr import WORDS, Box, CardLayout, Reason, Refused, straightened
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t
from keju.stages.marking import rules
from keju.stages.marking.models import Reading
from keju.stages.marking.queries.batches import layout_of

OTHERS = {
    "other_exam": t("不是本考试或本场次的卡", "a card of another exam or session"),
    "other_bag": t("不是本袋的卡", "a card of another bag"),
    "duplicate_card": t("同一考生的第二张卡", "a second card of one candidate"),
}
MARGIN = 3.0


@dataclass(frozen=True)
class Mark:
    """A bubble drawn on the picture, in millimetres; `kind` is "read", "doubt" or "staff"."""

    x: float
    y: float
    w: float
    h: float
    kind: str


@dataclass(frozen=True)
class Zoom:
    """The part of the picture that shows one question: the view box, and where each option's bubble is."""

    view: str
    options: tuple[tuple[str, Box], ...]


def words_of(codes: Sequence[str]) -> list[Words]:
    """What the reasons say."""
    return [OTHERS.get(code) or t(*WORDS[Reason(code)]) for code in codes]


def reasons_of(reading: Reading) -> list[Words]:
    """Why the card is not taken as it is."""
    return words_of(reading.reasons)


def picture(*, viewer: Actor, exam: Exam, reading: Reading) -> bytes:
    """The card as an upright JPEG whose millimetres are those of the layout; `Refused` if the file is no image."""
    data = files.read(reading.image_sha256, viewer=viewer)
    return straightened(data, layout_of(exam, reading.batch.session_number))[0]


def is_picture(reading: Reading) -> bool:
    """Whether there is something to look at."""
    unseen = {Reason.NOT_AN_IMAGE, Reason.TRUNCATED, Reason.TOO_LARGE}
    return not unseen.intersection(reading.reasons)


def marks(exam: Exam, reading: Reading) -> list[Mark]:
    """What the reader saw, drawn where it saw it."""
    layout = layout_of(exam, reading.batch.session_number)
    found = []
    for q, answer in enumerate(rules.unpack(reading.answers), 1):
        if q in reading.doubts:
            found += [_mark(box, "doubt") for box in layout.bubbles[q - 1]]
        else:
            found += [_mark(layout.bubbles[q - 1][layout.options.index(a)], "read") for a in answer]
    if reading.absent:
        found.append(_mark(layout.absent, "staff"))
    if reading.violation:
        found.append(_mark(layout.violation, "staff"))
    return found


def zoom(layout: CardLayout, question: int) -> Zoom:
    """The row of the question with its neighbours' edges."""
    boxes = layout.bubbles[question - 1]
    left, top = boxes[0].x - 3 * MARGIN, boxes[0].y - MARGIN
    width = boxes[-1].x + boxes[-1].w - left + MARGIN
    view = f"{left:.1f} {top:.1f} {width:.1f} {boxes[0].h + 2 * MARGIN:.1f}"
    return Zoom(view, tuple(zip(layout.options, boxes, strict=True)))


def _mark(box: Box, kind: str) -> Mark:
    return Mark(round(box.x - 0.6, 2), round(box.y - 0.6, 2), box.w + 1.2, box.h + 1.2, kind)


__all__ = ["Refused", "is_picture", "marks", "picture", "reasons_of", "words_of", "zoom"]
