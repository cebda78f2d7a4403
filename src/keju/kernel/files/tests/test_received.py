"""Uploads are read no further than it takes to refuse them."""

import io

import pytest
from django.core.exceptions import ValidationError

from keju.kernel.files import scans


def test_no_more_of_an_upload_is_read_than_it_takes_to_refuse_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MAX_BYTES", 10)
    files = [io.BytesIO(b"x" * 50) for _ in range(5)]
    assert scans.received(files, 2) == [b"x" * 11] * 3
    assert [file.tell() for file in files] == [11, 11, 11, 0, 0]
    with pytest.raises(ValidationError):
        scans.prepare(b"x" * 11)
