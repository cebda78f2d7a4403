"""Table → spreadsheet. Text is always written as text: what looks like a formula stays what it is."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from keju.kernel.calendar import CHINA
from keju.kernel.sheets.books import write_book
from keju.kernel.sheets.columns import CellError, Column, Table
from keju.rulebook.words import t

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REASON = Column("keju_reason", t("原因", "Reason"))
TEMPLATE_ROWS = 20_000
# What a spreadsheet program may take for a formula at a cell's beginning (OWASP, CSV injection).
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

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
    write_book(file, columns, (_values(columns, row) for row in rows), sheet)


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
