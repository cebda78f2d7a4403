"""Table → spreadsheet. Text is always written as text: what looks like a formula stays what it is."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from keju.kernel.calendar import CHINA
from keju.kernel.sheets.columns import CellError, Column, Table
from keju.rulebook.words import Words, t

REASON = Column("keju_reason", t("原因", "Reason"))
TEMPLATE_ROWS = 20_000
XLSX_ROWS = 1_048_576
# What a spreadsheet program may take for a formula at a cell's beginning (OWASP, CSV injection).
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A file with the same content has the same bytes.
MADE = datetime(2000, 1, 1)

RowLike = Mapping[str, Any] | Sequence[Any]


def write_table(columns: Sequence[Column], rows: Iterable[RowLike], *, sheet: str = "Sheet1") -> bytes:
    """An xlsx with the titles in the current language; rows are mappings by key or sequences in column order.

    Text (identity numbers too) is text, numbers are numbers, days are days, instants China time, None an empty cell.
    """
    buffer = io.BytesIO()
    write_table_to(buffer, columns, rows, sheet=sheet)
    return buffer.getvalue()


def write_table_to(
    file: IO[bytes], columns: Sequence[Column], rows: Iterable[RowLike], *, sheet: str = "Sheet1"
) -> None:
    """As `write_table`, into an open file, in constant memory; above 1,048,575 rows it goes on on further sheets."""
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": MADE})
    formats = {
        "head": book.add_format({"bold": True, "bg_color": "#E9EDF2", "bottom": 1}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    page, number = _page(book, columns, formats, sheet), 0
    for row in rows:
        number += 1
        if number >= XLSX_ROWS:
            page, number = _page(book, columns, formats, f"{sheet} ({len(book.worksheets()) + 1})"), 1
        for place, value in enumerate(_values(columns, row)):
            _write(page, number, place, value, formats)
    book.close()


def _page(book: Any, columns: Sequence[Column], formats: Mapping[str, Any], name: str) -> Any:
    page = book.add_worksheet(name)
    for place, column in enumerate(columns):
        page.set_column(place, place, _width(column), formats["text"] if column.kind == "text" else None)
    page.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        page.write_string(0, place, str(column.title), formats["head"])
    return page


def write_csv(columns: Sequence[Column], rows: Iterable[RowLike]) -> bytes:
    """The same as UTF-8 csv with a mark (Excel needs it). A text that a program might run gets an apostrophe before it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([_harmless(str(column.title)) for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(value) for value in _values(columns, row)])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def errors_workbook(table: Table, further: Sequence[CellError] = ()) -> bytes:
    """The rows with errors as they were uploaded, each with its row number and the reasons: to mend and upload again.

    `further` are errors that the caller found (a rule, a row already there).
    """
    reasons: dict[int, list[str]] = {}
    for error in [*table.errors, *further]:
        reasons.setdefault(error.number, []).append(str(error.words))
    columns = [*table.columns, Column("keju_row", t("原行号", "Row"), kind="int"), REASON]
    # As text throughout: the cells are what the user typed, not what we made of them.
    shown = [Column(c.key, c.title) if c.key != "keju_row" else c for c in columns]
    return write_table(
        shown,
        (
            {**table.source.get(number, {}), "keju_row": number, "keju_reason": " ".join(said)}
            for number, said in sorted(reasons.items())
        ),
    )


def _values(columns: Sequence[Column], row: RowLike) -> Iterable[Any]:
    return (row.get(column.key) for column in columns) if isinstance(row, Mapping) else row


def _write(page: Any, number: int, place: int, value: Any, formats: Mapping[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(number, place, value)
    elif isinstance(value, int | float | Decimal):
        page.write_number(number, place, value)
    elif isinstance(value, datetime):
        local = value.astimezone(CHINA).replace(tzinfo=None) if value.tzinfo else value
        page.write_datetime(number, place, local, formats["moment"])
    elif isinstance(value, date):
        page.write_datetime(number, place, value, formats["date"])
    else:
        page.write_string(number, place, str(value), formats["text"])


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if value.tzinfo else value.isoformat(" ")
    if isinstance(value, bool | int | float | Decimal | date):
        return str(value)
    return _harmless(str(value))


def _harmless(text: str) -> str:
    return "'" + text if text.startswith(RISKY) else text


def _width(column: Column) -> int:
    return min(
        40, max(len(str(column.title)) * 2, {"text": 16, "date": 12, "int": 10, "decimal": 12}[column.kind])
    )


def title_row(columns: Sequence[Column]) -> list[Words]:
    """The headings, for a page that explains the template."""
    return [column.title for column in columns]
