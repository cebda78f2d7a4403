"""The only place that asks the machine for the time. Pages, API and jobs call it; nothing below them does."""

from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class Shifted(Protocol):
    """Whatever carries a shifted clock: an exam. A real exam's shift is zero (the database insists)."""

    clock_shift: timedelta


def now(exam: Shifted | None = None) -> datetime:
    """The exam's now in China time: the real clock, plus the shift of a rehearsed exam."""
    real = datetime.now(CHINA)
    return real if exam is None else real + exam.clock_shift


def today(exam: Shifted | None = None) -> date:
    return now(exam).date()
