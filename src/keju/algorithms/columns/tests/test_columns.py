"""Columns as PostgreSQL reads them."""

import struct

import numpy as np
import pytest

from keju.algorithms.columns import BLOCK, END, SIGNATURE, Columns, texts, whole


def test_every_row_has_its_fields_with_their_lengths() -> None:
    columns = Columns({"id": whole([7, -1]), "seat": whole([3, 4], 16), "number": texts(["0011", "0012"])})
    assert columns.types == {"id": "bigint", "seat": "smallint", "number": "text"}
    rows = [struct.pack(">hiqihi4s", 3, 8, i, 2, s, 4, n) for i, s, n in ((7, 3, b"0011"), (-1, 4, b"0012"))]
    assert b"".join(columns.copied()) == SIGNATURE + b"".join(rows) + END


def test_many_rows_are_cut_into_blocks_and_none_are_an_empty_copy() -> None:
    assert [len(b) for b in Columns({"n": np.arange(BLOCK + 1)}).copied()] == [19, 14 * BLOCK, 14, 2]
    assert b"".join(Columns({"n": whole([])}).copied()) == SIGNATURE + END


@pytest.mark.parametrize("values", [["a", "bc"], ["中"], ["a\0"]])
def test_texts_that_would_be_cut_or_padded_are_refused(values: list[str]) -> None:
    with pytest.raises((ValueError, UnicodeEncodeError)):
        texts(values)


def test_numbers_that_do_not_fit_and_columns_of_different_length_are_refused() -> None:
    with pytest.raises(OverflowError):
        whole([1 << 15], 16)
    with pytest.raises(ValueError, match="equal length"):
        Columns({"a": whole([1]), "b": whole([])})


def test_texts_by_place() -> None:
    assert texts(["/11/", "/12/"], whole([1, 0, 1])).tolist() == [b"/12/", b"/11/", b"/12/"]
