"""A file's bytes → numbered rows of raw cells, or a sentence why not."""

import csv
import io
import json
import resource
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from keju.kernel.sheets import sentences as say
from keju.kernel.sheets.cells import FORMULA

SECONDS = 5
MEMORY = 512 * 1024 * 1024
MAX_CELL = 10_000
OPENING = Path(__file__).with_name("opening.py")
NUL = b"\x00"
Rows = list[tuple[int, list[Any]]]


def rows_of(data: bytes, filename: str, *, max_rows: int, max_columns: int) -> Rows:
    """The filled rows with the numbers that the user's program shows. Raises `ValidationError` with what to do."""
    name = filename.lower()
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _workbook(data, max_rows, max_columns)
    if name.endswith((".csv", ".txt")):
        return _csv(data, max_rows, max_columns)
    raise say.refused(say.BROKEN if name.endswith((".xlsx", ".xls", ".ods")) else say.FORMAT)


def _workbook(data: bytes, max_rows: int, max_columns: int) -> Rows:
    try:
        done = subprocess.run(  # noqa: S603  our own file, no argument from outside
            [sys.executable, "-I", str(OPENING), str(max_rows), str(max_columns)],
            input=data, capture_output=True, timeout=SECONDS * 2, check=False, preexec_fn=_bound,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise say.refused(say.SLOW, seconds=SECONDS) from error
    if done.returncode < 0:
        raise say.refused(say.SLOW if done.returncode in (-9, -24) else say.BOMB, seconds=SECONDS)
    lines = done.stdout.decode().splitlines()
    said = json.loads(lines[0])[0] if lines else "broken"
    if said != "ok":
        raise say.refused(_REASONS[said], limit=max_rows, title="")
    return [(number, [_cell(cell) for cell in cells]) for number, cells in map(json.loads, lines[1:])]


_REASONS = {
    "bomb": say.BOMB,
    "broken": say.BROKEN,
    "format": say.FORMAT,
    "many": say.TOO_MANY,
    "wide": say.TOO_WIDE,
    "empty": say.EMPTY,
    "formula": say.FORMULAS,
}


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _cell(cell: Any) -> Any:
    if isinstance(cell, list):
        if cell[0] == "f":
            return FORMULA
        return datetime.fromisoformat(cell[1]) if cell[0] == "t" else date.fromisoformat(cell[1])
    return cell


def _csv(data: bytes, max_rows: int, max_columns: int) -> Rows:
    text = decoded(data)
    found: Rows = []
    reader = csv.reader(io.StringIO(text, newline=""), _separator(text), strict=True)
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(found) > max_rows:
                    raise say.refused(say.TOO_MANY, limit=max_rows)
                if len(cells) > max(200, max_columns * 4):
                    raise say.refused(say.TOO_WIDE)
                found.append((number, list(cells)))
            number += 1
    except csv.Error as error:
        raise say.refused(say.BROKEN_CSV, row=number) from error
    return found


def decoded(data: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else GB18030 where it makes sense; else refused."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(data, "utf-16")
    if NUL in data:
        raise say.refused(say.ENCODING)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _as(data, "gb18030")
    # GB18030 accepts almost any bytes; text of another encoding read so falls outside the common characters.
    strange = sum(not _common(c) for c in text if not c.isascii())
    if strange * 10 > sum(not c.isascii() for c in text):
        raise say.refused(say.ENCODING)
    return text


def _as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise say.refused(say.ENCODING) from error


def _common(c: str) -> bool:
    """In GB 2312 (6,763 characters and the signs): what nearly all of a Chinese sheet consists of."""
    try:
        c.encode("gb2312")
    except UnicodeEncodeError:
        return c == "\u00b7"
    return True


def _separator(text: str) -> type[csv.Dialect]:
    first = text.split("\n", 1)[0]

    class Found(csv.excel):
        delimiter = max(",\t;", key=first.count)

    return Found
