"""Answer cards as PDF: the template once per batch, per card only codes, ticket bubbles and some words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from keju.algorithms.omr.code128 import bars, code128_values, modules
from keju.algorithms.omr.fonts import FontFile, FontSet
from keju.algorithms.omr.layout import PAGE, CardLayout
from keju.algorithms.omr.payload import Payload
from keju.algorithms.omr.pdf import MM, Canvas, PdfWriter, put_fonts
from keju.algorithms.omr.qr import qr_matrices
from keju.algorithms.omr.template import Titles, draw_template

QUIET = 10  # modules of white beside Code 128
NARROWEST = 0.22  # mm; thinner bars do not survive a 200 dpi scan


@dataclass(frozen=True)
class CardFace:
    """What one card says about its candidate and session."""

    titles: Titles
    exam: str
    session: str
    ticket: str
    name: str
    room: str
    seat: str

    def payload(self, layout: CardLayout) -> Payload:
        """What the codes of this card carry."""
        return Payload(self.exam, self.session, self.ticket, layout.version)


def print_cards(
    layout: CardLayout,
    cards: Iterable[CardFace],
    *,
    fonts: Sequence[FontFile] | None = None,
    substitute: bool = False,
) -> bytes:
    """A PDF with one page per card, in order; equal input gives equal bytes.

    Raises `MissingGlyphs` if no font has a character (or prints 〓 with `substitute`), `ValueError` for no
    cards, a ticket number that is not `layout.ticket_digits` digits, or a code too long for its area.
    """
    faces = list(cards)
    if not faces:
        raise ValueError("there is no card to print")
    payloads = [_payload(face, layout) for face in faces]
    titles = list(dict.fromkeys(face.titles for face in faces))
    texts = {t for group in titles for t in group.texts()}
    for face in faces:
        texts.update((face.name, face.room, face.seat, face.ticket))
    texts.update(payloads)
    font_set = FontSet.build(texts, fonts, substitute=substitute)
    pdf = PdfWriter()
    font_entries = put_fonts(pdf, font_set)
    forms = {group: _form(pdf, layout, group, font_set, font_entries) for group in titles}
    symbols = qr_matrices([p.encode() for p in payloads])
    pages, tree = [], pdf.reserve()
    box = b"[0 0 %.2f %.2f]" % (PAGE[0] * MM, PAGE[1] * MM)
    for face, payload, symbol in zip(faces, payloads, symbols):
        content = pdf.stream(_card(layout, face, payload, symbol, font_set), level=1)
        pages.append(
            pdf.put(
                b"<</Type/Page/Parent %d 0 R/MediaBox%b/Contents %d 0 R/Resources<</Font<<%b>>"
                b"/XObject<</T %d 0 R>>>>>>" % (tree, box, content, font_entries, forms[face.titles])
            )
        )
    kids = b" ".join(b"%d 0 R" % page for page in pages)
    pdf.put(b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(pages), kids), tree)
    return pdf.finish(pdf.put(b"<</Type/Catalog/Pages %d 0 R>>" % tree))


def _payload(face: CardFace, layout: CardLayout) -> str:
    if len(face.ticket) != layout.ticket_digits or not (face.ticket.isascii() and face.ticket.isdigit()):
        raise ValueError(f"ticket number {face.ticket!r} is not {layout.ticket_digits} digits")
    return face.payload(layout).text


def _form(pdf: PdfWriter, layout: CardLayout, titles: Titles, fonts: FontSet, entries: bytes) -> int:
    canvas = Canvas(fonts, PAGE[1])
    draw_template(canvas, layout, titles)
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 %.2f %.2f]/Resources<</Font<<%b>>>>"
    return pdf.stream(canvas.data(), head % (PAGE[0] * MM, PAGE[1] * MM, entries))


def _card(
    layout: CardLayout, face: CardFace, payload: str, symbol: NDArray[np.uint8], fonts: FontSet
) -> bytes:
    canvas = Canvas(fonts, PAGE[1])
    canvas.out += ["/T Do", "0 g"]
    x, y, w, _ = layout.facts
    canvas.pen(0, 0.1)
    canvas.text(x + 16, y + 5.6, 13, face.name, room=w - 16, least=7)
    canvas.text(x + 27, y + 14.4, 13, face.ticket, room=w - 27)
    canvas.text(x + 16, y + 23.2, 13, face.room, room=w * 0.5 - 17)
    canvas.text(x + w * 0.5 + 16, y + 23.2, 13, face.seat, room=w * 0.5 - 16)
    code = layout.code128
    canvas.text(code.x + code.w / 2, code.y + code.h + 2.9, 6.5, payload, align="c")
    for place, digit in zip(layout.digits, face.ticket):
        canvas.text(place[0].centre[0], 36.6, 11, digit, align="c")
    ticket = _ticket_bubbles(layout)
    canvas.out += [ticket[place][int(digit)] for place, digit in enumerate(face.ticket)]
    canvas.out += [_bars(layout, payload), _squares(layout, symbol)]
    return canvas.data()


@lru_cache(maxsize=8)
def _ticket_bubbles(layout: CardLayout) -> tuple[tuple[str, ...], ...]:
    """The filled bubbles as drawing operators, by place and digit."""
    table = []
    for place in layout.digits:
        row = []
        for box in place:
            canvas = Canvas(FontSet(()), PAGE[1])
            canvas.rounded(box.x, box.y, box.w, box.h, 1.1, "f")
            row.append(canvas.out[0])
        table.append(tuple(row))
    return tuple(table)


def _bars(layout: CardLayout, payload: str) -> str:
    """Code 128 in a coordinate system of modules, centred in its area."""
    values = code128_values(payload)
    box, count = layout.code128, modules(values)
    width = min(0.4, box.w / (count + 2 * QUIET))
    if width < NARROWEST:
        raise ValueError(f"the card code {payload!r} is too long for {box.w:g} mm of Code 128")
    left = (box.x + (box.w - width * count) / 2) * MM
    bottom = (PAGE[1] - box.y - box.h) * MM
    cells = "".join(_symbol(at, value) for at, value in enumerate(values))
    return f"q {width * MM:.4f} 0 0 {box.h * MM:.2f} {left:.3f} {bottom:.2f} cm\n{cells}f Q"


@lru_cache(maxsize=16384)
def _symbol(at: int, value: int) -> str:
    return "".join(f"{11 * at + x} 0 {w} 1 re " for x, w in bars(value))


@lru_cache(maxsize=4)
def _cells(size: int) -> list[str]:
    """The operator for every possible run of dark modules, at [(row * size + column) * (size + 1) + length]."""
    return [
        f"{x} {size - 1 - y} {w} 1 re" if w else ""
        for y in range(size)
        for x in range(size)
        for w in range(size + 1)
    ]


def _squares(layout: CardLayout, symbol: NDArray[np.uint8]) -> str:
    """The QR symbol as runs of dark modules, with its quiet zone of four modules inside its area."""
    size = symbol.shape[0]
    edges = np.diff(np.pad(symbol, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    lengths = np.nonzero(edges == -1)[1] - starts
    table = _cells(size)
    runs = "\n".join(table[i] for i in ((rows * size + starts) * (size + 1) + lengths).tolist())
    box = layout.qr
    module = box.w / (size + 8) * MM
    left, bottom = box.x * MM + 4 * module, (PAGE[1] - box.y - box.h) * MM + 4 * module
    return f"q {module:.4f} 0 0 {module:.4f} {left:.3f} {bottom:.3f} cm\n{runs}\nf Q"
