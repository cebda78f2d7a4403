"""Run as a program of its own, with bounds: a workbook on standard input → its first sheet as JSON lines.

A damaged or hostile file then costs at most this process its memory and time. First line: ["ok"] or [why]; then one line a
row: cells as they are, dates and times as ["d", ISO], formulas as ["f"].

    python opening.py MAX_ROWS MAX_COLUMNS
"""

import io
import json
import re
import sys
import zipfile
from datetime import date, datetime, time, timedelta

import python_calamine

UNPACKED = 300 * 1024 * 1024
RATIO = 400
ENTRIES = 2000
CHUNK = 1 << 20
TEXT = 16_000_000  # characters in all cells: a few long ones can stand in many
XLSX_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f[\s>/]')
LETTERS = 26


class Refused(Exception):
    """`str` of it is the reason's name."""


def main() -> None:
    data = sys.stdin.buffer.read()
    max_rows, max_columns = int(sys.argv[1]), int(sys.argv[2])
    try:
        lines = list(_rows(data, max_rows, max_columns))
    except Refused as error:
        print(json.dumps([str(error)]))
        return
    except MemoryError:
        print(json.dumps(["bomb"]))
        return
    except (python_calamine.CalamineError, zipfile.BadZipFile, ValueError, OSError, EOFError):
        print(json.dumps(["broken"]))
        return
    out = sys.stdout
    out.write('["ok"]\n')
    for line in lines:
        out.write(json.dumps(line, ensure_ascii=True) + "\n")


def _rows(data: bytes, max_rows: int, max_columns: int):
    formulas: set[tuple[int, int]] = set()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _bounded(archive)
            if "xl/workbook.xml" in archive.namelist():
                formulas = _xlsx(archive, max_rows)
            elif "content.xml" in archive.namelist():
                _ods(archive)
            else:
                raise Refused("format")
    elif not data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("format")
    book = python_calamine.load_workbook(io.BytesIO(data))
    shown = [s.name for s in book.sheets_metadata if s.visible == python_calamine.SheetVisibleEnum.Visible]
    if not shown:
        raise Refused("empty")
    sheet = book.get_sheet_by_name(shown[0])
    if sheet.start is None:
        return
    if sheet.total_width > max_columns * 4 and sheet.total_width > 200:
        raise Refused("wide")
    filled = text = 0
    for number, row in enumerate(sheet.iter_rows()):
        if not any(cell != "" for cell in row) and not any((number, c) in formulas for c in range(len(row))):
            continue
        filled += 1
        if filled > max_rows + 1:
            raise Refused("many")
        text += sum(len(cell) for cell in row if isinstance(cell, str))
        if text > TEXT:
            raise Refused("bomb")
        yield [number + 1, [_cell(cell, (number, c) in formulas) for c, cell in enumerate(row)]]


def _bounded(archive: zipfile.ZipFile) -> None:
    """Sizes as the directory declares them; what lies about them meets the process's own bounds."""
    entries = archive.infolist()
    total = sum(e.file_size for e in entries)
    if len(entries) > ENTRIES or total > UNPACKED:
        raise Refused("bomb")
    if any(e.file_size > CHUNK and e.file_size > RATIO * max(1, e.compress_size) for e in entries):
        raise Refused("bomb")


def _xlsx(archive: zipfile.ZipFile, max_rows: int) -> set[tuple[int, int]]:
    """Counts the first sheet's filled rows, stopping early, and finds its formulas: (row, column) from 0."""
    found: set[tuple[int, int]] = set()
    filled = 0
    rest = b""
    with archive.open(_first_sheet(archive)) as stream:
        while chunk := stream.read(CHUNK):
            *whole, rest = (rest + chunk).split(b"<row ")
            for row in whole:
                filled += b"<v" in row or b"<is" in row
            if filled > max_rows + 1:
                raise Refused("many")
            for row in whole:
                if b"<f" in row:
                    found |= _formulas(row)
    return found | _formulas(rest)


def _formulas(row: bytes) -> set[tuple[int, int]]:
    return {(int(number) - 1, _column(letters)) for letters, number in XLSX_FORMULA.findall(row)}


def _column(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    value = 0
    for letter in letters:
        value = value * LETTERS + letter - ord("A") + 1
    return value - 1


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The path of the first visible sheet's part."""
    book = archive.read("xl/workbook.xml")
    sheets = [
        s for s in re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", book) if b'state="' not in s or b'"visible"' in s
    ]
    if not sheets:
        raise Refused("empty")
    identifier = re.search(rb'\b\w+:id="([^"]+)"', sheets[0])
    if identifier is None:
        raise Refused("broken")
    for relation in re.findall(rb"<Relationship\s[^>]*>", archive.read("xl/_rels/workbook.xml.rels")):
        if b'Id="' + identifier.group(1) + b'"' in relation:
            target = re.search(rb'Target="([^"]+)"', relation)
            if target:
                path = target.group(1).decode().removeprefix("/")
                return path if path.startswith("xl/") else f"xl/{path}"
    raise Refused("broken")


def _ods(archive: zipfile.ZipFile) -> None:
    """A formula in an OpenDocument sheet has no address of its own there, so the whole file is refused."""
    tail = b""
    with archive.open("content.xml") as stream:
        while chunk := stream.read(CHUNK):
            if b"table:formula=" in tail + chunk:
                raise Refused("formula")
            tail = chunk[-20:]


def _cell(cell: object, is_formula: bool) -> object:
    if is_formula:
        return ["f"]
    if isinstance(cell, datetime):
        return ["t", cell.isoformat()]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


if __name__ == "__main__":
    main()
