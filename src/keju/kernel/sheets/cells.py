"""One cell: what the file holds → the value, or what is wrong with it."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from keju.kernel.sheets import sentences as say
from keju.kernel.sheets.columns import Column
from keju.rulebook.words import Words

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
# What `raw` puts in place of a formula; no typed text equals it, for it is refused as one.
FORMULA = "="
DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
INT = re.compile(r"[+-]?\d{1,18}")
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
# A binary floating-point number keeps 15 decimal digits of an integer: what is longer was rounded.
EXACT = 10**15


def text_of(raw: Any) -> str:
    """The cell as the user reads it."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == time() else raw.isoformat(" ")
    if isinstance(raw, date | time | timedelta):
        return str(raw)
    return str(raw).strip().replace("\u3000", " ").strip()


def value_of(raw: Any, column: Column) -> tuple[Any, Words | None]:
    """(value, None), or (None, words) where the cell is not what the column asks for."""
    text = text_of(raw)
    if not text:
        if column.required:
            return None, say.REQUIRED.format(title=column.title)
        return ("" if column.kind == "text" else None), None
    wrong = _wrong(raw, text, column)
    if wrong is not None:
        return None, wrong.format(title=column.title, value=text[:40], limit=column.max_length)
    if column.kind == "text":
        return text, None
    value = {"int": _int, "decimal": _decimal, "date": _date}[column.kind](raw, text)
    if value is None:
        words = {"int": say.NOT_INT, "decimal": say.NOT_DECIMAL, "date": say.NOT_DATE}[column.kind]
        return None, words.format(title=column.title, value=text[:40])
    return value, None


def _wrong(raw: Any, text: str, column: Column) -> Words | None:
    if CONTROL.search(text):
        return say.CONTROL
    if isinstance(raw, str) and text.startswith("="):
        return say.FORMULA
    if text in ERRORS:
        return say.CELL_ERROR
    if column.kind == "text" and isinstance(raw, float) and abs(raw) >= EXACT:
        return say.LOST_DIGITS
    if len(text) > column.max_length:
        return say.LONG
    return None


def _int(raw: Any, text: str) -> int | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, float):
        return int(raw) if raw.is_integer() and abs(raw) < EXACT else None
    plain = text.replace(",", "") if GROUPED.fullmatch(text) else text
    return int(plain) if INT.fullmatch(plain) and text.isascii() else None


def _decimal(raw: Any, text: str) -> Decimal | None:
    if isinstance(raw, bool):
        return None
    plain = text.replace(",", "") if GROUPED.fullmatch(text) else text
    if not plain.isascii() or not (isinstance(raw, float) or DECIMAL.fullmatch(plain)):
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _date(raw: Any, text: str) -> date | None:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    match = DATE.fullmatch(text) or COMPACT.fullmatch(text)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
