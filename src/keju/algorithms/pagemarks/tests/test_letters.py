"""Letters of bags: one number each, back again, and no slip of the pen fits."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.pagemarks.letters import ALPHABET, LENGTH, LIMIT, completions, mark_of, number_of

KEY = b"a key of sixteen"
NUMBERS = st.integers(0, LIMIT - 1)
PLACES = st.integers(0, LENGTH - 1)


@given(NUMBERS)
def test_letters_lead_back_to_their_number_and_only_with_the_key(number: int) -> None:
    mark = mark_of(KEY, number)
    assert len(mark) == LENGTH and number_of(KEY, mark) == number
    assert number_of(b"another key", mark) != number


@given(NUMBERS, PLACES, st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_no_mark(number: int, place: int, letter: str) -> None:
    mark = mark_of(KEY, number)
    wrong = mark[:place] + letter + mark[place + 1 :]
    assert (number_of(KEY, wrong) == number) if wrong == mark else number_of(KEY, wrong) is None


@given(NUMBERS, st.integers(0, LENGTH - 2))
def test_two_neighbours_exchanged_are_no_mark(number: int, place: int) -> None:
    mark = mark_of(KEY, number)
    wrong = mark[:place] + mark[place + 1] + mark[place] + mark[place + 2 :]
    assert wrong == mark or number_of(KEY, wrong) is None


def test_two_letters_that_cannot_be_read_leave_the_number_among_few() -> None:
    mark = mark_of(KEY, 17)
    found = list(completions(KEY, "??" + mark[2:]))
    assert 17 in found and len(found) <= 32
    assert list(completions(KEY, mark[:7] + "?")) == [17]
    with pytest.raises(ValueError):
        list(completions(KEY, "???" + mark[3:]))


def test_numbers_after_one_another_have_nothing_in_common() -> None:
    marks = [mark_of(KEY, n) for n in range(2000)]
    assert len(set(marks)) == 2000
    same = sum(a == b for one, two in pairwise(marks) for a, b in zip(one, two, strict=True))
    assert 0.8 < same / (1999 * LENGTH) * 32 < 1.2  # as often as among random letters
    with pytest.raises(ValueError):
        mark_of(KEY, LIMIT)
    assert number_of(KEY, "IIIIIIII") is None and number_of(KEY, "A") is None
