"""County codes by birth year, from the table of division codes that comes with python-stdnum.

A code of GB/T 2260 is born and dies with reforms. The generator only gives people a code that the table
knows for their year of birth, so that a strict reader of identity numbers accepts them.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

# Headings in the table, not places where anybody lives.
_HEADING = re.compile(r"市辖区|市区|县|市|.*直辖.*")


# Hainan was part of Guangdong until 1988, Chongqing of Sichuan until 1997.
_BEFORE = {"46": "44", "50": "51"}


@dataclass(frozen=True, slots=True)
class County:
    """A division with its six-digit code and the years in which the code stood."""

    code: str
    province: str
    name: str
    since: int
    until: int


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[County, ...]]:
    """All entries by the first two digits, in the order of the codes.

    The file has a line `11 province="…"` per province and indented `0101 county="[1949-]…,[…]…"` below it; a
    code may have been given to several counties in turn.
    """
    text = (files("stdnum.cn") / "loc.dat").read_text(encoding="utf-8")
    table: dict[str, list[County]] = {}
    head = province = ""
    for indent, digits, name in re.findall(r'^( *)(\d+) \w+="([^"]*)"$', text, re.MULTILINE):
        if not indent:
            head, province = digits, name
            continue
        for since, until, county in re.findall(r"(?:\[(\d*)-(\d*)\])?([^,\[\]]+)", name):
            entry = County(head + digits, province, county, int(since or 0), int(until or 9999))
            table.setdefault(head, []).append(entry)
    return {key: tuple(entries) for key, entries in table.items()}


@cache
def counties(prefix: str) -> tuple[County, ...]:
    """Counties whose code begins with `prefix` (2, 4 or 6 digits; pairs of zeros at the end do not count).

    The divisions above them come last. Raises ValueError for what is not a known division code.
    """
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) in (2, 4, 6)):
        raise ValueError(f"not a division code: {prefix!r}")
    while len(prefix) > 2 and prefix.endswith("00"):
        prefix = prefix[:-2]
    under = [c for c in _table().get(prefix[:2], ()) if c.code.startswith(prefix)]
    found = [c for c in under if not _HEADING.fullmatch(c.name)]
    if not found:
        raise ValueError(f"unknown division code: {prefix!r}")
    return tuple(sorted(found, key=lambda c: (c.code.endswith("00"), c.code[4:] == "00", c.code)))


def lineage(prefix: str) -> str:
    """The province, as its first two digits, whose old codes the people of a division may carry."""
    return _BEFORE.get(prefix[:2], prefix[:2])


def living(prefix: str, year: int) -> tuple[County, ...]:
    """Counties below `prefix` whose code stood in that year.

    Where the table knows none, the prefecture itself, else the counties of the province, or of the province
    that it was split from.
    """
    stood = [c for c in counties(prefix) if c.since <= year <= c.until]
    below = [c for c in stood if not c.code.endswith("00")]
    if below or stood:
        return tuple(below or stood)
    if len(prefix) > 2:
        return living(prefix[:2], year)
    return living(lineage(prefix), year) if lineage(prefix) != prefix else ()
