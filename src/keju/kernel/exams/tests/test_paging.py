"""Lists by the page: every row once, and nothing that is typed into the address breaks a list."""

from dataclasses import dataclass

import pytest
from django.test import RequestFactory

from keju.kernel.exams.paging import after_of, by_place, cut


@dataclass(frozen=True)
class Line:
    pk: int


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6, 7])
def test_every_row_is_shown_once_and_the_last_page_leads_nowhere(count):
    lines, seen, after = [Line(pk) for pk in range(1, count + 1)], [], 0
    for _ in range(count + 1):
        rows, page = cut((x for x in lines if x.pk > after), 3, after) if after else cut(lines[:4], 3, after)
        assert page.shown == len(rows) <= 3
        assert page.is_first == (after == 0)
        seen += rows
        if page.next == "":
            break
        after = page.next
    assert seen == lines


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6, 7])
def test_by_place_the_pages_join_without_a_gap(count):
    start, seen = 0, 0
    while True:
        page = by_place(start, min(3, count - start), count)
        seen += page.shown
        if page.next == "":
            break
        assert page.next == start + 3
        start = page.next
    assert (seen, page.total) == (count, count)


@pytest.mark.parametrize("typed", ["", "x", "-1", "²", "٣", "1.5", "9" * 19, "9" * 5000, "1 OR 1"])
def test_nonsense_in_the_address_is_the_beginning(typed):
    assert after_of(RequestFactory().get("/", {"after": typed})) == 0


def test_a_key_in_the_address_is_that_key():
    assert after_of(RequestFactory().get("/", {"after": "170"})) == 170
