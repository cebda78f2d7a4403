"""Due dates as values: so many working days, days or months before or after a milestone; or a fixed day."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from keju.algorithms.workdays.days import count_working_days

CHINA = ZoneInfo("Asia/Shanghai")
END_OF_DAY = time(23, 59, 59)
"""A term expressed in days is kept until its last day is over."""

Unit = Literal["working_days", "days", "months"]
When = Literal["before", "after"]


@dataclass(frozen=True)
class Due:
    """`n` units before or after a milestone, at a time of day or at the end of that day.

    Only working days skip rest days: a term in days or months that ends on a holiday is not moved, since the
    rules do not say so and moving it would make it later than announced.
    """

    n: int
    unit: Unit
    when: When
    milestone: str
    at: time | None = None

    def __post_init__(self) -> None:
        if self.n < 0 or self.unit not in get_args(Unit) or self.when not in get_args(When):
            raise ValueError(f"not a term: {self.n} {self.unit} {self.when} {self.milestone}")

    def on(self, milestone_at: datetime) -> datetime:
        """The last moment at which the duty is done in time, in Chinese time.

        The milestone counts by its day in China. The day after it is day 1. A month ends on the same day of
        the month, or on the last where there is none (31 December + 2 months: the end of February).
        Raises ValueError for a milestone without a time zone.
        """
        return _moment(self._day(_china_day(milestone_at)), self.at)

    def is_provisional(self, milestone_at: datetime) -> bool:
        """True if the holidays of a year not yet announced may still move this date."""
        if self.unit != "working_days":
            return False
        return count_working_days(_china_day(milestone_at), self._signed).provisional

    @property
    def _signed(self) -> int:
        return self.n if self.when == "after" else -self.n

    def _day(self, start: date) -> date:
        if self.unit == "working_days":
            return count_working_days(start, self._signed).on
        if self.unit == "days":
            return start + timedelta(days=self._signed)
        return _add_months(start, self._signed)


@dataclass(frozen=True)
class Fixed:
    """A day of the calendar, such as 30 September, in the year of the milestone (as a rule, the exam)."""

    month: int
    day: int
    milestone: str = "exam"
    at: time | None = None

    def __post_init__(self) -> None:
        date(
            2000, self.month, self.day
        )  # a leap year: raises ValueError for 31 September, not for 29 February

    def on(self, milestone_at: datetime) -> datetime:
        """That day in the Chinese year of the milestone; 29 February is the 28th in a common year."""
        year = _china_day(milestone_at).year
        return _moment(_clamped(year, self.month, self.day), self.at)

    def is_provisional(self, milestone_at: datetime) -> bool:
        """Never: no notice moves it."""
        return False


def fixed(month: int, day: int, *, milestone: str = "exam", at: time | None = None) -> Fixed:
    """The duty due on that day of the milestone's year; raises ValueError for a day that does not exist."""
    return Fixed(month, day, milestone, at)


def _china_day(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("a milestone has a time zone")
    return moment.astimezone(CHINA).date()


def _moment(day: date, at: time | None) -> datetime:
    return datetime.combine(day, at or END_OF_DAY, tzinfo=CHINA)


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _add_months(start: date, n: int) -> date:
    years, month = divmod(start.month - 1 + n, 12)
    return _clamped(start.year + years, month + 1, start.day)
