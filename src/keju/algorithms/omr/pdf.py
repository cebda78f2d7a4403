"""The few PDF objects (ISO 32000) that a card needs, written directly, without a date."""

import zlib
from collections.abc import Iterable

from keju.algorithms.omr.fonts import FontSet, Subset

MM = 72 / 25.4


class PdfWriter:
    """Collects numbered objects and joins them with their cross-reference table."""

    def __init__(self) -> None:
        self._parts: list[bytes] = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]
        self._length = len(self._parts[0])
        self._offsets: dict[int, int] = {}
        self._next = 1

    def reserve(self) -> int:
        """A number for an object that is written later."""
        self._next += 1
        return self._next - 1

    def put(self, body: bytes, number: int | None = None) -> int:
        """Writes an object and returns its number."""
        number = self.reserve() if number is None else number
        data = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        self._offsets[number] = self._length
        self._parts.append(data)
        self._length += len(data)
        return number

    def stream(self, data: bytes, entries: bytes = b"", *, level: int = 6) -> int:
        """Writes a compressed stream object."""
        packed = zlib.compress(data, level)
        head = b"<<%b/Length %d/Filter/FlateDecode>>" % (entries, len(packed))
        return self.put(b"%b\nstream\n%b\nendstream" % (head, packed))

    def finish(self, root: int) -> bytes:
        """The whole file."""
        count = self._next
        rows = [b"0000000000 65535 f \n"]
        rows += [b"%010d 00000 n \n" % self._offsets[n] for n in range(1, count)]
        tail = b"xref\n0 %d\n%btrailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        return b"".join([*self._parts, tail % (count, b"".join(rows), count, root, self._length)])


def _to_unicode(subset: Subset) -> bytes:
    pairs = sorted((code, c) for c, (code, _) in subset.glyphs.items())
    lines = []
    for at in range(0, len(pairs), 100):
        part = pairs[at : at + 100]
        rows = "\n".join(f"<{code:04X}> <{c.encode('utf-16-be').hex().upper()}>" for code, c in part)
        lines.append(f"{len(part)} beginbfchar\n{rows}\nendbfchar")
    body = "\n".join(lines)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def put_fonts(pdf: PdfWriter, fonts: FontSet) -> bytes:
    """Embeds every subset; returns the entries of a /Font resource dictionary (/F0, /F1 …)."""
    entries = b""
    for number, subset in enumerate(fonts.subsets):
        name = subset.name.encode()
        program = pdf.stream(subset.program, b"/Subtype/CIDFontType0C", level=9)
        box = b" ".join(b"%d" % v for v in subset.bbox)
        descriptor = pdf.put(
            b"<</Type/FontDescriptor/FontName/%b/Flags 4/FontBBox[%b]/ItalicAngle 0/Ascent %d/Descent %d"
            b"/CapHeight 733/StemV 80/FontFile3 %d 0 R>>"
            % (name, box, subset.ascent, subset.descent, program)
        )
        widths = b" ".join(b"%d[%d]" % pair for pair in sorted(subset.glyphs.values()))
        child = pdf.put(
            b"<</Type/Font/Subtype/CIDFontType0/BaseFont/%b/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            b"/Supplement 0>>/FontDescriptor %d 0 R/DW 1000/W[%b]>>" % (name, descriptor, widths)
        )
        unicode_map = pdf.stream(_to_unicode(subset))
        font = pdf.put(
            b"<</Type/Font/Subtype/Type0/BaseFont/%b/Encoding/Identity-H/DescendantFonts[%d 0 R]"
            b"/ToUnicode %d 0 R>>" % (name, child, unicode_map)
        )
        entries += b"/F%d %d 0 R" % (number, font)
    return entries


class Canvas:
    """Content stream in millimetres from the top left corner; greys from 0 (black) to 1."""

    def __init__(self, fonts: FontSet, height: float) -> None:
        self._fonts = fonts
        self._height = height
        self.out: list[str] = []

    def point(self, x: float, y: float) -> str:
        """Coordinates in PDF points."""
        return f"{x * MM:.2f} {(self._height - y) * MM:.2f}"

    def fill(self, grey: float) -> None:
        """Sets the fill grey."""
        self.out.append(f"{grey:g} g")

    def pen(self, grey: float, width: float) -> None:
        """Sets stroke grey and line width in millimetres."""
        self.out.append(f"{grey:g} G {width * MM:.3f} w")

    def rect(self, x: float, y: float, w: float, h: float, paint: str = "f") -> None:
        """A rectangle, filled by default."""
        self.out.append(f"{self.point(x, y + h)} {w * MM:.2f} {h * MM:.2f} re {paint}")

    def rounded(self, x: float, y: float, w: float, h: float, r: float, paint: str = "S") -> None:
        """A rectangle with round corners, stroked by default."""
        k, p = r * 0.4477, self.point
        self.out.append(
            f"{p(x + r, y)} m {p(x + w - r, y)} l {p(x + w - k, y)} {p(x + w, y + k)} {p(x + w, y + r)} c "
            f"{p(x + w, y + h - r)} l {p(x + w, y + h - k)} {p(x + w - k, y + h)} {p(x + w - r, y + h)} c "
            f"{p(x + r, y + h)} l {p(x + k, y + h)} {p(x, y + h - k)} {p(x, y + h - r)} c "
            f"{p(x, y + r)} l {p(x, y + k)} {p(x + k, y)} {p(x + r, y)} c {paint}"
        )

    def lines(self, segments: Iterable[tuple[float, float, float, float]]) -> None:
        """Straight lines."""
        self.out += [f"{self.point(a, b)} m {self.point(c, d)} l S" for a, b, c, d in segments]

    def text(
        self, x: float, y: float, size: float, text: str, *, align: str = "l", bold: bool = False,
        room: float | None = None, least: float = 6.0,
    ) -> None:  # fmt: skip
        """Text with its baseline at `y`, `size` in points; shrunk to `least`, then narrowed, to `room` mm."""
        if not text:
            return
        width = self._fonts.width(text)
        squeeze = 100.0
        if room is not None and width * size / MM > room:
            size = max(least, room * MM / width)
            squeeze = min(100.0, 100 * room * MM / (width * size))
        shown = width * size / MM * squeeze / 100
        x -= {"l": 0.0, "c": shown / 2, "r": shown}[align]
        mode = f"2 Tr {size * 0.03:.3f} w" if bold else "0 Tr"
        runs = "".join(f"/F{font} {size:.2f} Tf <{codes}> Tj " for font, codes in self._fonts.encode(text))
        self.out.append(f"BT {mode} {squeeze:.1f} Tz {self.point(x, y)} Td {runs}ET")

    def data(self) -> bytes:
        """The content stream so far."""
        return "\n".join(self.out).encode("ascii")
