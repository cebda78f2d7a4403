"""Outlines for a PDF: subsets of OpenType fonts with CFF outlines, made once per batch."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from fontTools.cffLib import CFFFontSet
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

UNUSED = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG")
GETA = "〓"  # the printer's mark for "this character is not in the case"


class MissingGlyphs(ValueError):
    """No font given has these characters; printing them would leave holes."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = "".join(sorted(set(characters)))
        codes = " ".join(f"U+{ord(c):04X}" for c in self.characters)
        super().__init__(f"no font has {self.characters} ({codes})")


@dataclass(frozen=True)
class FontFile:
    """An OpenType file with CFF outlines; `name` picks one font of a collection by its family name."""

    path: str
    name: str = ""


def default_fonts() -> tuple[FontFile, ...]:
    """The packaged Chinese font with Latin letters in it."""
    from noto_cjk_sans_otc import FONT_PATH  # noqa: PLC0415  # a 19 MB package, wanted only when printing

    return (FontFile(str(FONT_PATH), "Noto Sans CJK SC"),)


def _open(file: FontFile) -> TTFont:
    data = io.BytesIO(Path(file.path).read_bytes())
    if data.getvalue()[:4] != b"ttcf":
        return TTFont(data, lazy=True)
    for font in TTCollection(data, lazy=True).fonts:
        if (
            not file.name
            or font["name"].getDebugName(1) == file.name
            or font["name"].getDebugName(16) == file.name
        ):
            return font
    raise ValueError(f"{Path(file.path).name} holds no font called {file.name}")


@lru_cache(maxsize=8)
def _coverage(file: FontFile) -> dict[int, str]:
    return dict(_open(file).getBestCmap())


def missing_glyphs(texts: Iterable[str], fonts: Sequence[FontFile] | None = None) -> str:
    """The characters of `texts` that no font has, sorted; empty if all can be printed."""
    have = [_coverage(file) for file in fonts or default_fonts()]
    wanted = {c for text in texts for c in text}
    return "".join(sorted(c for c in wanted if not any(ord(c) in cover for cover in have)))


@dataclass(frozen=True)
class Subset:
    """One embedded font: CFF program, and for each of its characters (code, advance in 1/1000 em)."""

    name: str
    program: bytes
    glyphs: dict[str, tuple[int, int]]
    bbox: tuple[int, int, int, int]
    ascent: int
    descent: int


def _subset(file: FontFile, characters: str, number: int) -> Subset:
    font = _open(file)
    options = Options()
    options.layout_features = []
    options.notdef_outline = True
    options.desubroutinize = True
    options.hinting = False
    options.layout_closure = False
    for tag in UNUSED:  # before subsetting: reading them takes longer than all the rest
        if tag in font:
            del font[tag]
    scale = 1000 / font["head"].unitsPerEm
    ascent, descent = font["hhea"].ascent * scale, font["hhea"].descent * scale
    head = font["head"]
    bbox = tuple(round(v * scale) for v in (head.xMin, head.yMin, head.xMax, head.yMax))
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in characters])
    subsetter.subset(font)
    cff: CFFFontSet = font["CFF "].cff
    top: Any = cff[cff.fontNames[0]]
    cid_keyed = hasattr(top, "ROS")
    order = {name: at for at, name in enumerate(font.getGlyphOrder())}
    cmap, advances = font.getBestCmap(), font["hmtx"].metrics
    glyphs = {}
    for c in characters:
        glyph = cmap[ord(c)]
        code = int(glyph[3:]) if cid_keyed else order[glyph]
        glyphs[c] = (code, round(advances[glyph][0] * scale))
    program = font.getTableData("CFF ") if font.isLoaded("CFF ") is None else font["CFF "].compile(font)
    base = cff.fontNames[0]
    tag = "".join(chr(65 + (number // 26**i) % 26) for i in range(6))
    return Subset(f"{tag}+{base}", program, glyphs, bbox, round(ascent), round(descent))


@dataclass
class FontSet:
    """The subsets of a batch. `encode` turns text into PDF hexadecimal strings per font."""

    subsets: tuple[Subset, ...]
    table: dict[str, tuple[int, str, int]] = field(default_factory=dict)

    @classmethod
    def build(cls, texts: Iterable[str], fonts: Sequence[FontFile] | None, *, substitute: bool) -> "FontSet":
        """Subsets for all characters of `texts`, each from the first font that has it.

        Raises `MissingGlyphs`, or with `substitute` prints 〓 in its place.
        """
        files = list(fonts or default_fonts())
        wanted = {c for text in texts for c in text} | {GETA if substitute else " "}
        missing = missing_glyphs(wanted, files)
        if missing and not (substitute and GETA not in missing):
            raise MissingGlyphs(missing)
        subsets: list[Subset] = []
        table: dict[str, tuple[int, str, int]] = {}
        rest = wanted - set(missing)
        for file in files:
            mine = "".join(sorted(c for c in rest if ord(c) in _coverage(file)))
            if not mine:
                continue
            rest -= set(mine)
            subset = _subset(file, mine, len(subsets))
            for c, (code, advance) in subset.glyphs.items():
                table[c] = (len(subsets), f"{code:04X}", advance)
            subsets.append(subset)
        for c in missing:
            table[c] = table[GETA]
        return cls(tuple(subsets), table)

    def width(self, text: str) -> float:
        """Advance width of `text` in em."""
        return sum(self.table[c][2] for c in text) / 1000

    def encode(self, text: str) -> list[tuple[int, str]]:
        """Runs of (font number, hexadecimal codes) in order."""
        runs: list[tuple[int, str]] = []
        for c in text:
            font, code, _ = self.table[c]
            if runs and runs[-1][0] == font:
                runs[-1] = (font, runs[-1][1] + code)
            else:
                runs.append((font, code))
        return runs
