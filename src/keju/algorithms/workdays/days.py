"""Which days are worked in China: the State Council's yearly notices, kept by the package chinesecalendar.

A notice moves rest days: a Saturday may be worked and a Tuesday free. Years without a notice here (before
2004, and those not yet announced) are taken as Monday to Friday and the answer says that it is provisional.

Counting: the day after the start is day 1, whether or not the start itself is worked; a negative number
counts backwards from the day before; zero is the start itself, even if it is a holiday.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chinese_calendar.constants import holidays, workdays

_FRIDAY = 4
_ONE_DAY = timedelta(days=1)
_FIRST_KNOWN = date(min(holidays).year, 1, 1)
# The notice for a year also moves the last days of the year before (31 December 2011 was worked for 2012).
_LAST_KNOWN = date(max(holidays).year, 12, 24)


@dataclass(frozen=True)
class Day:
    """Whether a day is worked; `provisional` where no official notice is known for it."""

    on: date
    working: bool
    provisional: bool


@dataclass(frozen=True)
class Counted:
    """Where a count of working days ends; `provisional` if any day counted over is."""

    on: date
    provisional: bool


def look_up(day: date) -> Day:
    """What is known about that day. Never raises for a day of the calendar."""
    plain = day.date() if isinstance(day, datetime) else day
    provisional = not _FIRST_KNOWN <= plain <= _LAST_KNOWN
    working = plain in workdays or (plain.weekday() <= _FRIDAY and plain not in holidays)
    return Day(plain, working, provisional)


def is_working_day(day: date) -> bool:
    """True if that day is worked, by the official notice or, where there is none, Monday to Friday."""
    return look_up(day).working


def count_working_days(start: date, n: int) -> Counted:
    """The n-th working day after `start` (before it, if n is negative), by the convention of this module."""
    step = _ONE_DAY if n > 0 else -_ONE_DAY
    day = start.date() if isinstance(start, datetime) else start
    provisional = look_up(day).provisional
    left = abs(n)
    while left:
        day += step
        seen = look_up(day)
        provisional |= seen.provisional
        left -= seen.working
    return Counted(day, provisional)


def add_working_days(start: date, n: int) -> date:
    """As `count_working_days`, the date only."""
    return count_working_days(start, n).on


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative if `end` is earlier.

    The inverse of counting: `working_days_between(d, add_working_days(d, n)) == n` for n ≥ 0.
    """
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))
