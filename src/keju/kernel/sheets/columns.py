"""What a column of a spreadsheet is, and what a row read from one is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from keju.rulebook.words import Words

Kind = Literal["text", "int", "decimal", "date"]


@dataclass(frozen=True)
class Column:
    """`title` is the heading, in either language (letter case and blanks do not matter); `also` further headings.

    `unique`: the same value twice in one file is an error. Values are `str`, `int`, `Decimal`, `date`; an empty
    cell of an optional column is "" for text and None otherwise.
    """

    key: str
    title: Words
    required: bool = False
    kind: Kind = "text"
    max_length: int = 200
    unique: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """`number` is the row as the user's program shows it, from 1."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class CellError:
    """What is wrong in one row; `key` names the column, "" the whole row."""

    number: int
    key: str
    words: Words


@dataclass(frozen=True)
class Table:
    """`rows` are the good ones; `errors` tell of the others. `source`: every row's cells as text, by row number."""

    columns: tuple[Column, ...]
    rows: list[Row]
    errors: list[CellError] = field(default_factory=list)
    source: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def count(self) -> int:
        return len(self.source)
