"""The hash by which a frozen plan is known."""

from collections.abc import Iterable
from hashlib import sha256
from json import dumps

Row = tuple[int | str | None, ...]


def plan_hash(rows: Iterable[Row]) -> str:
    """64 hex digits over the rows as a set of lines: the order in which they arrive does not matter.

    A row is written as a JSON array in UTF-8 without blanks and ended by a newline; the lines are sorted by
    their bytes. Numbers and texts differ (1 is not "1"). Raises ValueError for what has more than one
    spelling: floats, truth values, nested values.
    """
    lines: list[bytes] = []
    for row in rows:
        if not all(value is None or type(value) in (int, str) for value in row):
            raise ValueError("a plan holds numbers and texts only")
        lines.append(dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    lines.sort()
    digest = sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()
