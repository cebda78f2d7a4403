"""A bank's statement: rows of cells and a layout → lines, exact to the fen, or what is wrong with which row. Pure.

A layout is data (`layouts/*.yaml`): which headings name which column, how days and amounts are written, what ends the list.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words
from keju.stages.fees.rules.amounts import is_exact, money

HEADINGS_WITHIN = 40
LARGEST = Decimal("99999999999.99")
NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d{1,2})?0*")
MAX_TEXT = 300


@dataclass(frozen=True)
class Layout:
    """How one kind of statement is written. `columns`: our key → the headings that may name it.

    Keys: day, time, serial, credit, debit, amount, side, balance, payer, account, remark (any number of headings).
    Money in is `credit` and money out `debit`, or one signed `amount`, or an `amount` with a `side` (`out` names those that
    are money out). `days`: how days are written (strptime). `ends`: a row beginning with one of these is no line any more.
    """

    code: str
    name: Words
    columns: Mapping[str, tuple[str, ...]]
    days: tuple[str, ...]
    out: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()

    @property
    def required(self) -> set[str]:
        """Keys whose heading must be there for the layout to be this one."""
        return {key for key in self.columns if key in ("day", "credit", "debit", "amount", "side")}


@dataclass(frozen=True)
class BankLine:
    """A line. `amount` in yuan, in positive and out negative; `balance` after it, if the bank says; `key` is its own."""

    row: int
    booked_on: date
    amount: Decimal
    serial: str
    balance: Decimal | None
    payer: str
    account: str
    remark: str
    key: str = ""


@dataclass(frozen=True)
class Flaw:
    """What is wrong in one row of the file: the code of a refusal with its facts."""

    row: int
    code: str
    facts: Mapping[str, object]


class NotThis(Exception):
    """The rows are not written in this layout."""


def recognise(rows: Sequence[tuple[int, Sequence[Any]]], layouts: Iterable[Layout]) -> Layout | None:
    """The layout with the most headings among those whose required ones stand in one row; None if there is none."""
    best, most = None, 0
    for layout in layouts:
        try:
            _, places = _headings(rows, layout)
        except NotThis:
            continue
        if len(places) > most:
            best, most = layout, len(places)
    return best


def read(rows: Sequence[tuple[int, Sequence[Any]]], layout: Layout) -> tuple[list[BankLine], list[Flaw]]:
    """Every line in the order of the bank's own balance, and every flaw; `NotThis` if the headings are not there."""
    at, places = _headings(rows, layout)
    lines: list[BankLine] = []
    flaws: list[Flaw] = []
    for number, cells in rows[at + 1 :]:
        texts = {key: [_text(cells[p]) for p in spots if p < len(cells)] for key, spots in places.items()}
        first = next((text for text in map(_text, cells) if text), "")
        if first.startswith(layout.ends) if layout.ends else False:
            continue
        if not any(any(found) for key, found in texts.items() if key != "remark"):
            continue
        try:
            lines.append(_line(number, texts, layout))
        except _Wrong as wrong:
            flaws.append(Flaw(number, wrong.code, {"value": wrong.value[:40], "row": number}))
    lines = _forwards(lines)
    flaws += _broken(lines)
    return _keyed(lines), flaws


@rule("V8.1")
def check_statement(layout: Layout | None, lines: int, flaws: Sequence[Flaw]) -> Iterator[Refusal]:
    """A statement is read whole or not at all: a layout we know, at least one line, no row with a flaw."""
    if layout is None:
        yield Refusal("V8.1", "fees_statement_layout", field="file")
    elif not lines and not flaws:
        yield Refusal("V8.1", "fees_statement_empty", field="file")
    for flaw in flaws[:20]:
        yield Refusal("V8.1", flaw.code, flaw.facts, field="file")


@rule("V8.1")
def check_joins(opening: Decimal | None, known: Decimal | None) -> Iterator[Refusal]:
    """The new lines begin where the known ones end, or some are missing in between."""
    if opening is not None and known is not None and opening != known:
        facts = {"opening": money(opening), "known": money(known)}
        yield Refusal("V8.1", "fees_statement_gap", facts, field="file")


@rule("V8.1")
def check_explained(line_open: Decimal, total: Decimal, reason: str) -> Iterator[Refusal]:
    """A line is explained to the last fen, by somebody who says why."""
    if line_open <= 0:
        yield Refusal("V8.1", "fees_line_done")
    elif total != line_open:
        facts = {"total": money(total), "open": money(line_open), "difference": money(line_open - total)}
        yield Refusal("V8.1", "fees_line_sum", facts, field="parts")
    if not reason.strip():
        yield Refusal("V8.1", "fees_line_reason", field="reason")


class _Wrong(Exception):
    def __init__(self, code: str, value: str) -> None:
        super().__init__(code)
        self.code, self.value = code, value


def _headings(rows: Sequence[tuple[int, Sequence[Any]]], layout: Layout) -> tuple[int, dict[str, list[int]]]:
    names = {_name(title): key for key, titles in layout.columns.items() for title in titles}
    for index, (_, cells) in enumerate(rows[:HEADINGS_WITHIN]):
        places: dict[str, list[int]] = {}
        for place, cell in enumerate(cells):
            key = names.get(_name(_text(cell)))
            if key == "remark" or (key is not None and key not in places):
                places.setdefault(key, []).append(place)
        if layout.required <= places.keys():
            return index, places
    raise NotThis


def _line(number: int, texts: Mapping[str, Sequence[str]], layout: Layout) -> BankLine:
    one = {key: found[0] if found else "" for key, found in texts.items()}
    amount = _signed(one, layout)
    if not amount:
        raise _Wrong("fees_statement_amount", one.get("amount", "") or "0")
    balance = _amount(one["balance"]) if one.get("balance") else None
    return BankLine(
        number,
        _day(one["day"], layout.days),
        amount,
        one.get("serial", "")[:80],
        balance,
        one.get("payer", "")[:120],
        one.get("account", "")[:60],
        " ".join(text for text in texts.get("remark", ()) if text)[:MAX_TEXT],
    )


def _signed(one: Mapping[str, str], layout: Layout) -> Decimal:
    if "amount" in layout.columns:
        amount = _amount(one["amount"])
        return -abs(amount) if layout.out and one.get("side", "") in layout.out else amount
    credit = _amount(one["credit"]) if one["credit"] else Decimal(0)
    debit = _amount(one["debit"]) if one["debit"] else Decimal(0)
    if credit and debit:
        raise _Wrong("fees_statement_both", f"{credit} / {debit}")
    return credit - abs(debit) if debit else credit


def _amount(text: str) -> Decimal:
    plain = text.replace(" ", "").lstrip("¥￥").removeprefix("CNY").removesuffix("元")
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    if plain in ("-", "--", "—"):
        return Decimal(0)
    if not plain.isascii() or not NUMBER.fullmatch(plain):
        raise _Wrong("fees_statement_amount", text)
    try:
        value = Decimal(plain.replace(",", ""))
    except InvalidOperation as error:  # pragma: no cover  the pattern lets nothing else through
        raise _Wrong("fees_statement_amount", text) from error
    if abs(value) > LARGEST or not is_exact(value):
        raise _Wrong("fees_statement_amount", text)
    return value.quantize(Decimal("0.01"))


def _day(text: str, formats: Sequence[str]) -> date:
    for wanted in formats:
        try:
            found = datetime.strptime(text[:19], wanted).date()
        except ValueError:
            continue
        if 1990 <= found.year <= 2200:
            return found
    raise _Wrong("fees_statement_day", text)


def _forwards(lines: list[BankLine]) -> list[BankLine]:
    """Oldest first: some banks list the newest first, which their running balance gives away."""
    if len(lines) < 2 or any(line.balance is None for line in lines):
        return sorted(lines, key=lambda line: line.booked_on)
    return lines if _breaks(lines) <= _breaks(lines[::-1]) else lines[::-1]


def _breaks(lines: Sequence[BankLine]) -> int:
    return sum(
        one.balance + two.amount != two.balance  # type: ignore[operator]
        for one, two in pairwise(lines)
    )


def _broken(lines: Sequence[BankLine]) -> Iterator[Flaw]:
    """Where the running balance jumps, a line is missing or an amount is wrong."""
    for one, two in pairwise(lines):
        if one.balance is None or two.balance is None or one.balance + two.amount == two.balance:
            continue
        should = one.balance + two.amount
        facts = {"value": money(two.balance), "should": money(should), "row": two.row}
        yield Flaw(two.row, "fees_statement_balance", facts)


def _keyed(lines: Iterable[BankLine]) -> list[BankLine]:
    """Each line's own key: the bank's serial number with day and amount; without one all that is known of it, counted."""
    seen: Counter[str] = Counter()
    keyed = []
    for line in lines:
        facts = [line.booked_on.isoformat(), money(line.amount), line.serial]
        if not line.serial:
            facts += [str(line.balance), line.payer, line.account, line.remark]
        digest = hashlib.sha256("\x1f".join(facts).encode("utf-8", "replace")).hexdigest()[:40]
        seen[digest] += 1
        keyed.append(replace(line, key=f"{digest}-{seen[digest]}"))
    return keyed


def _text(cell: Any) -> str:
    """A cell as text: control characters gone, full-width digits narrow."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        # A workbook's number: what it shows, not what the binary fraction is.
        return f"{cell:.2f}" if abs(cell) < 1e15 and round(cell, 2) == round(cell, 8) else repr(cell)
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    plain = unicodedata.normalize("NFKC", str(cell)[:2000])
    return "".join(c for c in plain if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF).strip()


def _name(title: str) -> str:
    return "".join(title.split()).rstrip(":：").lower()
