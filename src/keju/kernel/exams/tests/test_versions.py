"""What a form says about the version that it was shown with."""

import pytest
from django.test import RequestFactory

from keju.kernel.audit import Stale
from keju.kernel.exams.access import seen_version


@pytest.mark.parametrize(("posted", "version"), [({"version": "7"}, 7), ({"version": ""}, 0), ({}, 0)])
def test_a_version_is_read_and_none_is_that_of_no_row(posted: dict[str, str], version: int) -> None:
    assert seen_version(RequestFactory().post("/", posted)) == version


@pytest.mark.parametrize("posted", ["x", "-1", "1.0", "²", "٣", "9" * 10, "9" * 5000])
def test_what_is_no_version_is_stale(posted: str) -> None:
    with pytest.raises(Stale):
        seen_version(RequestFactory().post("/", {"version": posted}))
