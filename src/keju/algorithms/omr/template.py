"""What is the same on every card of a batch: drawn once, as one form that all pages show."""

from dataclasses import dataclass

from keju.algorithms.omr.layout import (
    GAUGE_GREYS,
    GROUP,
    MARK_SIZE,
    PAGE,
    ROWS,
    Block,
    Box,
    CardLayout,
)
from keju.algorithms.omr.pdf import Canvas

INK, SOFT, FAINT, LETTER = 0.0, 0.35, 0.58, 0.64  # letters in bubbles must not look like pencil
TINT = 0.955
LABELS = {
    "ticket": "准考证号  Ticket number",
    "name": "姓名 Name",
    "room": "考场 Room",
    "seat": "座位 Seat",
    "write": "本人手写姓名  Write your name",
    "how": "填涂 Fill",
    "right": "正确 right",
    "wrong": "错误 wrong",
    "staff": "监考员填 Invigilator",
    "absent": "缺考 Absent",
    "violation": "违纪 Violation",
    "foot": "用2B铅笔填满，改动时擦净；勿折叠、勿污损。  Fill with a 2B pencil, erase cleanly, do not fold.",
}


@dataclass(frozen=True)
class Titles:
    """The printed headings of a batch: exam, session, and one subject per hundred questions (or none)."""

    exam: str
    session: str
    subjects: tuple[str, ...] = ()

    def texts(self) -> tuple[str, ...]:
        """Every string that the template shows, for the font subset."""
        return (
            self.exam,
            self.session,
            *self.subjects,
            *LABELS.values(),
            "0123456789–· ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        )


def draw_template(canvas: Canvas, layout: CardLayout, titles: Titles) -> None:
    """Draws everything but the candidate's own data."""
    _blocks(canvas, layout, titles)
    _header(canvas, layout, titles)
    _digit_grid(canvas, layout)
    _strip(canvas, layout)
    _marks(canvas, layout)


def _marks(canvas: Canvas, layout: CardLayout) -> None:
    canvas.fill(INK)
    half = MARK_SIZE / 2
    for x, y in layout.marks:
        canvas.rect(x - half, y - half, MARK_SIZE, MARK_SIZE)
    for box in (layout.orientation, *layout.track, *layout.rulers):
        canvas.rect(*box)
    for box, grey in zip(layout.gauge, GAUGE_GREYS):
        canvas.fill(grey)
        canvas.rect(*box)


def _bubble(canvas: Canvas, box: Box, label: str) -> None:
    canvas.rounded(box.x, box.y, box.w, box.h, 1.1)
    x, y = box.centre
    canvas.text(x, y + 0.78, 6.2, label, align="c")


def _blocks(canvas: Canvas, layout: CardLayout, titles: Titles) -> None:
    canvas.fill(TINT)
    for block in layout.blocks:
        for tint in block.tints:
            canvas.rounded(tint.x, tint.y, tint.w, tint.h, 0.9, "f")
    canvas.pen(FAINT, 0.16)
    canvas.fill(LETTER)
    for boxes in layout.bubbles:
        for box, label in zip(boxes, layout.options):
            _bubble(canvas, box, label)
    for number, block in enumerate(layout.blocks):
        _block_text(canvas, layout, block, titles.subjects[number : number + 1])


def _block_text(canvas: Canvas, layout: CardLayout, block: Block, subject: tuple[str, ...]) -> None:
    canvas.fill(INK)
    canvas.pen(INK, 0.1)
    span = f"{block.first + 1}–{block.first + block.count}"
    x, y, w, _ = block.heading
    canvas.text(x + 1.5, y + 3.5, 9.5, subject[0] if subject else span, bold=True, room=w - 30)
    if subject:
        canvas.text(x + w - 1.5, y + 3.5, 9.5, span, align="r", bold=True)
    for column, box in enumerate(block.columns):
        first = block.first + column * ROWS
        last = min(first + ROWS, block.first + block.count)
        canvas.fill(SOFT)
        canvas.text(box.centre[0], box.y + 2.5, 7.0, f"{first + 1} – {last}", align="c")
        canvas.fill(INK)
        for question in range(first, last):
            bubble = layout.bubbles[question][0]
            heads = (question - block.first) % GROUP == 0
            canvas.pen(INK, 0.1)
            canvas.text(
                box.x + 6.6,
                bubble.centre[1] + 1.0,
                7.8 if heads else 7.4,
                str(question + 1),
                align="r",
                bold=heads,
            )


def _header(canvas: Canvas, layout: CardLayout, titles: Titles) -> None:
    canvas.fill(INK)
    canvas.pen(INK, 0.1)
    middle = PAGE[0] / 2
    canvas.text(middle, 16.2, 14.5, titles.exam, align="c", bold=True, room=140, least=8)
    canvas.text(middle, 22.4, 10, titles.session, align="c", room=150, least=7)
    x, y, w, _ = layout.facts
    canvas.fill(SOFT)
    canvas.text(x, y + 5.0, 7, LABELS["name"])
    canvas.text(x, y + 13.8, 7, LABELS["ticket"].split("  ")[0] + " Ticket")
    canvas.text(x, y + 22.6, 7, LABELS["room"])
    canvas.text(x + w * 0.5, y + 22.6, 7, LABELS["seat"])
    canvas.pen(0.75, 0.15)
    canvas.lines((x, y + row, x + w, y + row) for row in (7.4, 16.2, 25.0))
    field = layout.name_field
    canvas.pen(FAINT, 0.2)
    canvas.rounded(*field, 1.0)
    canvas.text(field.x + 1.6, field.y + 3.2, 6.5, LABELS["write"])


def _digit_grid(canvas: Canvas, layout: CardLayout) -> None:
    first, last = layout.digits[0][0], layout.digits[-1][9]
    left, right = first.x - 1.2, last.x + last.w + 1.2
    canvas.fill(SOFT)
    canvas.text((left + right) / 2, 29.6, 8, LABELS["ticket"], align="c")
    canvas.pen(FAINT, 0.2)
    canvas.rounded(left, 31.5, right - left, last.y + last.h + 1.0 - 31.5, 1.0)
    canvas.pen(0.75, 0.15)
    canvas.lines([(left, 38.4, right, 38.4)])
    canvas.pen(FAINT, 0.16)
    canvas.fill(LETTER)
    for place in layout.digits:
        for digit, box in enumerate(place):
            _bubble(canvas, box, str(digit))


def _strip(canvas: Canvas, layout: CardLayout) -> None:
    """How to fill, and the two bubbles that belong to the invigilator."""
    y = layout.strip.y
    canvas.fill(SOFT)
    base = layout.absent.centre[1] + 0.9
    canvas.text(layout.strip.x, base, 7.5, LABELS["how"])
    x = layout.strip.x + 14.0
    canvas.text(x, base, 7.5, LABELS["right"])
    canvas.fill(0.15)
    canvas.rounded(x + 13.5, layout.absent.y, 4.0, 2.5, 1.1, "f")
    canvas.fill(SOFT)
    canvas.text(x + 24.0, base, 7.5, LABELS["wrong"])
    canvas.pen(FAINT, 0.16)
    for n in range(3):
        canvas.rounded(x + 40.5 + 6 * n, layout.absent.y, 4.0, 2.5, 1.1)
    _wrong_samples(canvas, x + 40.5, layout.absent.y)
    left = layout.absent.x - 14.5
    box = Box(left, y, layout.strip.x + layout.strip.w + 0.5 - left, layout.strip.h)
    _staff(canvas, layout, box, base)
    canvas.fill(SOFT)
    canvas.text(PAGE[0] / 2, 285.0, 7, LABELS["foot"], align="c", room=150)


def _wrong_samples(canvas: Canvas, x: float, y: float) -> None:
    canvas.pen(0.15, 0.3)
    canvas.lines([(x + 1.0, y + 1.3, x + 1.7, y + 2.0), (x + 1.7, y + 2.0, x + 3.2, y + 0.5)])
    canvas.lines([(x + 7.0, y + 0.6, x + 9.0, y + 1.9), (x + 9.0, y + 0.6, x + 7.0, y + 1.9)])
    canvas.fill(0.15)
    canvas.rounded(x + 13.6, y + 0.85, 0.8, 0.8, 0.4, "f")


def _staff(canvas: Canvas, layout: CardLayout, box: Box, base: float) -> None:
    canvas.fill(SOFT)
    canvas.pen(FAINT, 0.2)
    canvas.rounded(*box, 1.0)
    canvas.text(box.x + 1.2, box.y + 3.0, 6.0, LABELS["staff"].split(" ")[0])
    canvas.text(box.x + 1.2, box.y + 5.6, 6.0, LABELS["staff"].split(" ")[1])
    canvas.pen(FAINT, 0.16)
    for bubble, key in ((layout.absent, "absent"), (layout.violation, "violation")):
        canvas.rounded(*bubble, 1.1)
        canvas.text(bubble.x + 4.8, base, 6.6, LABELS[key])
