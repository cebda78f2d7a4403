"""The one typeface of every document, and which characters it has.

Documents look the same on every machine because no other font is ever used: Noto Sans CJK from a package,
its full set of glyphs (subsets lose rare names).
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc
from fontTools.ttLib import TTCollection

FAMILY = "Noto Sans CJK SC"
FOLDER = Path(noto_cjk_sans_otc.__file__).parent
FILE = FOLDER / "NotoSansCJK-Regular.ttc"
# Line breaks and the like are not drawn; a variation selector only picks another form of the letter before it.
UNDRAWN = frozenset("\n\r\t\u200b\u200c\u200d\u2060\ufeff")
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


@cache
def covered() -> frozenset[int]:
    """The code points that the typeface draws (about 45,000). Read once a process."""
    with TTCollection(FILE, lazy=True) as collection:
        for font in collection.fonts:
            if font["name"].getDebugName(1) == FAMILY:
                return frozenset(font.getBestCmap())
    raise LookupError(FAMILY)


def missing_glyphs(text: str) -> set[str]:
    """The characters of `text` that the typeface cannot draw."""
    if text.isascii():
        return set()
    known = covered()
    return {c for c in text if ord(c) not in known and c not in UNDRAWN and not _selector(c)}


def check_glyphs(data: Any) -> list[tuple[str, str]]:
    """Where a document's data has characters that would not print: (path in the data, the characters).

    [("candidates.3.name", "𰻞")]: report it to people before printing; printed, such a character is a
    framed code point, never a gap.
    """
    return [
        (path, "".join(sorted(lost))) for path, text in _texts(data, "") if (lost := missing_glyphs(text))
    ]


def marked(data: Any) -> Any:
    """The same data, each undrawable character as ⟦U+30EDE⟧, which templates frame (`keju.typ` does it for all)."""
    if isinstance(data, str):
        lost = missing_glyphs(data)
        return "".join(f"⟦U+{ord(c):04X}⟧" if c in lost else c for c in data) if lost else data
    if isinstance(data, dict):
        return {key: marked(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [marked(value) for value in data]
    return data


def _selector(c: str) -> bool:
    return any(ord(c) in block for block in SELECTORS)


def _texts(data: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from _texts(value, f"{path}.{index}" if path else str(index))
