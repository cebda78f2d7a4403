"""Spreadsheet → table: headings found, cells read, everything that is wrong told by row and column."""

from collections.abc import Sequence
from typing import Any

from keju.kernel.sheets import sentences as say
from keju.kernel.sheets.cells import text_of, value_of
from keju.kernel.sheets.columns import CellError, Column, Row, Table
from keju.kernel.sheets.raw import rows_of

HEADINGS_WITHIN = 10


def read_table(
    data: bytes,
    *,
    filename: str,
    columns: Sequence[Column],
    max_rows: int = 20_000,
    max_bytes: int = 10 * 1024 * 1024,
) -> Table:
    """The first visible sheet of an xlsx, xls, ods or csv file, read by its headings (within the first ten rows).

    A file that cannot be read at all raises `ValidationError`; what is wrong in a row is in `errors`, and that row
    is not in `rows`: `rows` and rows with errors are together all rows. Columns that nobody asked for are ignored.
    Every value is exactly what stands in the file or an error: nothing is rounded or guessed.
    """
    if len(data) > max_bytes:
        raise say.refused(say.TOO_LARGE, limit=max_bytes // (1024 * 1024))
    raw = rows_of(data, filename, max_rows=max_rows, max_columns=len(columns))
    at, places = _headings(raw, columns)
    body = raw[at + 1 :]
    if not body:
        raise say.refused(say.EMPTY)
    if len(body) > max_rows:
        raise say.refused(say.TOO_MANY, limit=max_rows)
    rows: list[Row] = []
    errors: list[CellError] = []
    source: dict[int, dict[str, str]] = {}
    first_at: dict[tuple[str, Any], int] = {}
    for number, cells in body:
        mine = {
            c.key: cells[places[c.key]] if places.get(c.key, len(cells)) < len(cells) else None
            for c in columns
        }
        source[number] = {key: text_of(raw_cell) for key, raw_cell in mine.items()}
        values, wrong = _row(number, mine, columns)
        wrong += _repeated(number, values, columns, first_at)
        errors += wrong
        if not wrong:
            rows.append(Row(number, values))
    return Table(tuple(columns), rows, errors, source)


def _headings(raw: list[tuple[int, list[Any]]], columns: Sequence[Column]) -> tuple[int, dict[str, int]]:
    """(index of the heading row, column of each key): the row among the first that names most columns."""
    if not raw:
        raise say.refused(say.EMPTY)
    names = {_name(title): c.key for c in columns for title in (c.title.zh, c.title.en, *c.also)}
    best, at = -1, 0
    for index, (_, cells) in enumerate(raw[:HEADINGS_WITHIN]):
        known = len({names[_name(text_of(cell))] for cell in cells if _name(text_of(cell)) in names})
        if known > best:
            best, at = known, index
    places: dict[str, int] = {}
    for place, cell in enumerate(raw[at][1]):
        key = names.get(_name(text_of(cell)))
        if key is not None and key in places:
            raise say.refused(say.TWICE_COLUMN, title=text_of(cell))
        if key is not None:
            places[key] = place
    lost = [c.title for c in columns if c.required and c.key not in places]
    if lost or not places:
        raise say.refused(say.NO_COLUMN, titles=lost or [c.title for c in columns])
    return at, places


def _row(
    number: int, cells: dict[str, Any], columns: Sequence[Column]
) -> tuple[dict[str, Any], list[CellError]]:
    values: dict[str, Any] = {}
    wrong: list[CellError] = []
    for column in columns:
        value, words = value_of(cells[column.key], column)
        if words is None:
            values[column.key] = value
        else:
            wrong.append(CellError(number, column.key, words))
    return values, wrong


def _repeated(
    number: int, values: dict[str, Any], columns: Sequence[Column], first_at: dict[tuple[str, Any], int]
) -> list[CellError]:
    """The first of two stands; the later one is an error, never a silent overwrite."""
    wrong = []
    for column in columns:
        value = values.get(column.key)
        if not column.unique or value in (None, ""):
            continue
        key = (column.key, value.upper() if isinstance(value, str) else value)
        if key in first_at:
            words = say.DUPLICATE.format(title=column.title, value=value, row=first_at[key])
            wrong.append(CellError(number, column.key, words))
        else:
            first_at[key] = number
    return wrong


def _name(title: str) -> str:
    """Headings are compared without blanks, letter case and the asterisk that marks a required one."""
    return "".join(title.split()).strip("*＊:：").lower()
