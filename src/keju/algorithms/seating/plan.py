"""Everybody's seat as a table, and the hash by which a frozen plan is known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from json import JSONEncoder

import numpy as np

from keju.algorithms.seating.arrays import Allocation, Candidates, Ints

Row = tuple[int | str | None, ...]
_PLAIN = frozenset({int, str, type(None)})
_written = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def plan_hash(rows: Iterable[Row]) -> str:
    """64 hex digits over the rows as a set of lines: the order in which they arrive does not matter.

    A row is written as a JSON array in UTF-8 without blanks and ended by a newline; the lines are sorted by
    their bytes. Numbers and texts differ (1 is not "1"). Raises ValueError for what has more than one
    spelling: floats, truth values, nested values.
    """
    lines: list[bytes] = []
    for row in rows:
        if not _PLAIN.issuperset(map(type, row)):
            raise ValueError("a plan holds numbers and texts only")
        lines.append(_written(row).encode() + b"\n")
    return _digest(lines)


def _digest(lines: list[bytes]) -> str:
    lines.sort()
    return sha256(b"".join(lines)).hexdigest()


@dataclass(frozen=True)
class Table:
    """Who sits where, room after room as the rooms were given, seat after seat. `room` is an index into them."""

    ident: Ints
    category: Ints
    room: Ints
    seat: Ints
    column: Ints
    row: Ints

    def __len__(self) -> int:
        return len(self.ident)

    def sites(self, site_of_room: Sequence[int]) -> list[tuple[int, int, int]]:
        """(site, first entry, how many) of every site with somebody; the rooms of a site come one after the other."""
        site = np.asarray(site_of_room, np.int64)[self.room]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(site)) + 1)).tolist() if len(site) else []
        return [(int(site[a]), a, b - a) for a, b in pairwise([*starts, len(site)])]

    def hash(self, start: int, count: int, number_of_room: Sequence[int], categories: Sequence[str]) -> str:
        """`plan_hash` over (ident, number of the room, seat, column, row, category) of so many entries."""
        part = slice(start, start + count)
        words = [_written(category) for category in categories]
        numbers = np.asarray(number_of_room, np.int64)[self.room[part]]
        columns = (
            self.ident[part],
            numbers,
            self.seat[part],
            self.column[part],
            self.row[part],
            self.category[part],
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return _digest([f"[{i},{n},{s},{c},{r},{words[k]}]\n".encode() for i, n, s, c, r, k in rows])

    def rooms_used(self) -> int:
        return len(np.unique(self.room))

    def rooms_of(self, idents: Sequence[int]) -> dict[int, int]:
        """The room of each of these (few) people."""
        at = np.flatnonzero(np.isin(self.ident, np.asarray(idents, np.int64)))
        return dict(zip(self.ident[at].tolist(), self.room[at].tolist(), strict=True))

    def differences(self, others: Iterable[tuple[int, int, int, int, int]]) -> Iterator[int]:
        """Idents whose (ident, room, seat, column, row) is not the same in both, in order."""
        mine = zip(
            *(c.tolist() for c in (self.ident, self.room, self.seat, self.column, self.row)), strict=True
        )
        yield from sorted({row[0] for row in set(mine) ^ set(others)})


def table(candidates: Candidates, done: Allocation) -> Table:
    """The allocation room by room."""
    order = np.lexsort((done.seat, done.room))
    columns = (candidates.ident, candidates.category, done.room, done.seat, done.column, done.row)
    return Table(*(column[order] for column in columns))
