"""A list by the page: the key after which it goes on, and what the pager below it shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from django.http import HttpRequest

DIGITS = 18  # of a key that the database surely takes
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page:
    """What the part `pager` asks for: `next` is "" on the last page, `total` None where it is not counted."""

    shown: int
    next: object
    is_first: bool
    total: int | None = None


def number_of(text: str) -> int | None:
    """The key that somebody sent; None for what no row can have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def after_of(request: HttpRequest) -> int:
    """The key after which the list goes on; 0 at its beginning, and for nonsense."""
    return number_of(request.GET.get("after", "")) or 0


def cut(
    found: Iterable[Row], size: int, after: object, *, key: str = "pk", total: int | None = None
) -> tuple[list[Row], Page]:
    """Of the `size` + 1 rows that were asked for those to show, and their page; `key` is what the list is in order of."""
    rows = list(found)
    shown = rows[:size]
    more = len(rows) > size
    return shown, Page(len(shown), attrgetter(key)(shown[-1]) if more else "", not after, total)


def by_place(start: int, shown: int, total: int) -> Page:
    """The page of a list that goes on by place, not by key: `shown` rows from place `start` on."""
    onward = start + shown
    return Page(shown, onward if onward < total else "", start == 0, total)
