"""Spreadsheets in and out: rows with errors per cell in both languages, exports without surprises."""

from keju.kernel.sheets.columns import CellError, Column, Row, Table
from keju.kernel.sheets.reading import read_table
from keju.kernel.sheets.writing import XLSX, errors_workbook, write_csv, write_table, write_table_to

__all__ = [
    "XLSX",
    "CellError",
    "Column",
    "Row",
    "Table",
    "errors_workbook",
    "read_table",
    "write_csv",
    "write_table",
    "write_table_to",
]
