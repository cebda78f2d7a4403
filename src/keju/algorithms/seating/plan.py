"""The hash by which a frozen plan is known."""

from collections.abc import Iterable
from hashlib import sha256
from json import JSONEncoder

Row = tuple[int | str | None, ...]
_PLAIN = frozenset({int, str, type(None)})
_written = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def plan_hash(rows: Iterable[Row]) -> str:
    """64 hex digits over the rows as a set of lines: the order in which they arrive does not matter.

    A row is written as a JSON array in UTF-8 without blanks and ended by a newline; the lines are sorted by
    their bytes. Numbers and texts differ (1 is not "1"). Raises ValueError for what has more than one
    spelling: floats, truth values, nested values.
    """
    lines: list[bytes] = []
    for row in rows:
        if not _PLAIN.issuperset(map(type, row)):
            raise ValueError("a plan holds numbers and texts only")
        lines.append(_written(row).encode() + b"\n")
    lines.sort()
    digest = sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()
