"""Many rows as columns: arrays of numbers and of short texts, written as PostgreSQL's binary COPY reads them.

Every value of a column has the same number of bytes, so a block of rows is one array of records and nobody touches a
row. Format: documentation of PostgreSQL, COPY, "Binary Format".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
BLOCK = 10_000  # rows
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
_NUMBERS = {"i2": "smallint", "i4": "integer", "i8": "bigint"}


class Columns:
    """Named columns of equal length; a text column holds ASCII texts of one and the same length."""

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        if len({len(column) for column in columns.values()}) > 1:
            raise ValueError("the columns are not of equal length")
        self._columns = dict(columns)

    def __len__(self) -> int:
        return next((len(column) for column in self._columns.values()), 0)

    @property
    def types(self) -> dict[str, str]:
        """The SQL type of every column, in order."""
        return {name: _NUMBERS.get(_code(column), "text") for name, column in self._columns.items()}

    def copied(self) -> Iterator[bytes]:
        """The rows for COPY … FROM STDIN (FORMAT binary), block by block."""
        fields: list[tuple[str, str]] = [("fields", ">i2")]
        for name, column in self._columns.items():
            code = _code(column)
            fields += [(f"{name} length", ">i4"), (name, f">{code}" if code in _NUMBERS else code)]
        yield SIGNATURE
        for start in range(0, len(self), BLOCK):
            part = slice(start, start + BLOCK)
            rows = np.empty(min(BLOCK, len(self) - start), np.dtype(fields))
            rows["fields"] = len(self._columns)
            for name, column in self._columns.items():
                rows[f"{name} length"] = column.dtype.itemsize
                rows[name] = column[part]
            yield rows.tobytes()
        yield END


def _code(column: NDArray[Any]) -> str:
    """`i2`, `i4`, `i8` or `S` with the length."""
    return column.dtype.str[1:]


def whole(values: Sequence[int] | Ints, bits: int = 64, at: Ints | None = None) -> NDArray[Any]:
    """Whole numbers of so many bits, each or (with `at`) the one at that place. Raises OverflowError where one does not fit."""
    found = np.asarray(values, np.int64)
    if bits < 64 and len(found) and not -(1 << bits - 1) <= found.min() <= found.max() < 1 << bits - 1:
        raise OverflowError(f"a number does not fit {bits} bits")
    found = found.astype(f"i{bits // 8}")
    return found if at is None else found[at]


def texts(values: Sequence[str], at: Ints | None = None) -> NDArray[Any]:
    """ASCII texts of one length, each or (with `at`) the one at that place. Raises ValueError for other ones."""
    if len({len(value) for value in values}) > 1 or any("\0" in value for value in values):
        raise ValueError("the texts are not of equal length")
    found = np.array(
        [value.encode("ascii") for value in values], f"S{max(1, len(values[0]))}" if values else "S1"
    )
    return found if at is None else found[at]
