"""The official notices for 2011 and 2012, day by day, and the laws of counting."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.workdays import (
    add_working_days,
    count_working_days,
    is_working_day,
    look_up,
    working_days_between,
)

any_day = st.dates(date(2003, 1, 1), date(2040, 1, 1))

# (first, last) of each rest, and the weekend days worked for it, as the two notices list them.
RESTS = [
    (date(2011, 1, 1), date(2011, 1, 3), []),
    (date(2011, 2, 2), date(2011, 2, 8), [date(2011, 1, 30), date(2011, 2, 12)]),
    (date(2011, 4, 3), date(2011, 4, 5), [date(2011, 4, 2)]),
    (date(2011, 4, 30), date(2011, 5, 2), []),
    (date(2011, 6, 4), date(2011, 6, 6), []),
    (date(2011, 9, 10), date(2011, 9, 12), []),
    (date(2011, 10, 1), date(2011, 10, 7), [date(2011, 10, 8), date(2011, 10, 9)]),
    (date(2012, 1, 1), date(2012, 1, 3), [date(2011, 12, 31)]),
    (date(2012, 1, 22), date(2012, 1, 28), [date(2012, 1, 21), date(2012, 1, 29)]),
    (date(2012, 4, 2), date(2012, 4, 4), [date(2012, 3, 31), date(2012, 4, 1)]),
    (date(2012, 4, 29), date(2012, 5, 1), [date(2012, 4, 28)]),
    (date(2012, 6, 22), date(2012, 6, 24), []),
    (date(2012, 9, 30), date(2012, 10, 7), [date(2012, 9, 29)]),
]


def test_every_day_of_2011_and_2012() -> None:
    free = {first + timedelta(days=i) for first, last, _ in RESTS for i in range((last - first).days + 1)}
    worked = {day for _, _, days in RESTS for day in days}
    day = date(2011, 1, 1)
    while day.year < 2013:
        expected = day in worked or (day.weekday() < 5 and day not in free)
        # The last days of 2012 belong to the notice for 2013, which moved none of them.
        assert is_working_day(day) is expected, day
        assert not look_up(day).provisional
        day += timedelta(days=1)


@pytest.mark.parametrize("day", [date(1999, 5, 3), date(2003, 12, 31), date(2060, 3, 1), date(9999, 12, 31)])
def test_unknown_years_are_monday_to_friday_and_say_so(day: date) -> None:
    seen = look_up(day)
    assert seen.provisional
    assert seen.working is (day.weekday() < 5)


def test_the_year_end_stays_provisional_until_the_next_notice() -> None:
    first_unknown = next(
        day for i in range(40 * 365) if look_up(day := date(2012, 1, 1) + timedelta(days=i)).provisional
    )
    assert (first_unknown.month, first_unknown.day) == (12, 25)
    assert not count_working_days(first_unknown - timedelta(days=9), 1).provisional
    assert count_working_days(first_unknown - timedelta(days=9), 30).provisional
    assert count_working_days(first_unknown + timedelta(days=9), -30).provisional


def test_a_datetime_counts_as_its_day() -> None:
    assert is_working_day(datetime(2011, 10, 8, 23, 0, tzinfo=UTC))
    assert add_working_days(datetime(2011, 10, 7, 23, 0, tzinfo=UTC), 1) == date(2011, 10, 8)


def test_the_day_after_is_day_one_and_zero_stays() -> None:
    assert add_working_days(date(2011, 8, 1), 1) == date(2011, 8, 2)
    assert add_working_days(date(2011, 10, 2), 1) == date(2011, 10, 8)  # from within a holiday
    assert add_working_days(date(2011, 10, 2), 0) == date(2011, 10, 2)
    assert add_working_days(date(2011, 10, 8), -1) == date(2011, 9, 30)


@given(any_day, st.integers(-60, 60), st.integers(0, 40))
def test_later_starts_and_longer_terms_never_end_earlier(day: date, n: int, more: int) -> None:
    assert add_working_days(day + timedelta(days=more), n) >= add_working_days(day, n)
    assert add_working_days(day, n + more + 1) > add_working_days(day, n)


@given(any_day, st.integers(-60, 60))
def test_counting_back_is_the_inverse_from_a_working_day(day: date, n: int) -> None:
    start = add_working_days(day, 1)
    assert add_working_days(add_working_days(start, n), -n) == start


@given(any_day, st.integers(1, 60))
def test_the_count_lands_on_a_working_day_with_exactly_n_passed(day: date, n: int) -> None:
    end = add_working_days(day, n)
    assert is_working_day(end)
    assert working_days_between(day, end) == n
    assert working_days_between(end, day) == -n
    assert working_days_between(day, end - timedelta(days=1)) == n - 1
