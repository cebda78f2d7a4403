"""A paper made of parts, one after another in one file: rendered a part at a time, so that memory stays level, and read
again before anybody takes it to the print shop: as many pages as were ordered, every name on them."""

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keju.kernel.documents import fonts
from keju.kernel.documents.counting import joined, page_count, page_texts
from keju.kernel.documents.rendering import render


class Misprint(Exception):
    """The finished file is not what was ordered and must not be used. A bug in a template, or a damaged typeface."""


@dataclass(frozen=True)
class Part:
    """What is rendered at once: a room of many, or the whole. `names` must stand on it, one that is there twice two times
    (people share names); `pages`: how many it has."""

    data: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
    names: Sequence[str] = ()
    pages: int | None = None


@dataclass(frozen=True)
class Composed:
    """The file, its pages, and the hash of what stands on it (of a single part: that part's)."""

    pdf: bytes
    pages: int
    data_hash: str


def compose(
    *,
    template: str,
    parts: Iterable[Part],
    rehearsal: bool = False,
    language: str = "zh",
    tagged: bool = True,
) -> Composed:
    """The parts in order as one file. `Misprint` where pages lack or are too many, or a name is not to be read."""
    pdfs, hashes, pages = [], [], 0
    for part in parts:
        data = {**part.data, "rehearsal": True} if rehearsal else part.data
        pdf = render(template=template, data=data, files=part.files, language=language, tagged=tagged)
        pages += checked(template, pdf, part)
        pdfs.append(pdf)
        hashes.append(content_hash(data, part.files, language))
    if not pdfs:
        raise ValueError("a paper without parts")
    if len(pdfs) == 1:
        return Composed(pdfs[0], pages, hashes[0])
    whole = joined(pdfs)
    if page_count(whole) != pages:
        raise Misprint(f"{template}: pages were lost in joining {len(pdfs)} parts")
    return Composed(whole, pages, hashlib.sha256("\n".join(hashes).encode()).hexdigest())


def checked(template: str, pdf: bytes, part: Part) -> int:
    """How many pages there are, all of them right; `Misprint` otherwise."""
    texts = page_texts(pdf) if part.names else []
    pages = len(texts) or page_count(pdf)
    if part.pages is not None and pages != part.pages:
        raise Misprint(f"{template}: {pages} pages instead of {part.pages}")
    printed = _plain("".join(texts))
    lost = [
        name for name, times in Counter(part.names).items() if printed.count(_plain(_drawn(name))) < times
    ]
    if lost:
        raise Misprint(f"{template}: not to be read on it: {', '.join(lost[:5])} ({len(lost)})")
    return pages


def content_hash(data: Mapping[str, Any], files: Mapping[str, bytes], language: str) -> str:
    """SHA-256 over what stands on the paper: data, pictures and language, in a fixed order."""
    body = json.dumps(
        {
            "data": data,
            "files": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
            "language": language,
        },
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(body.encode()).hexdigest()


def _drawn(name: str) -> str:
    """As it is printed: what the typeface lacks as its code point."""
    lost = fonts.missing_glyphs(name)
    return "".join(f"U+{ord(c):04X}" if c in lost else c for c in name)


def _plain(text: str) -> str:
    """Without the spaces and line ends of a layout, and one spelling for characters that share a glyph."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("\ufffe", "").replace("\u00ad", "")
