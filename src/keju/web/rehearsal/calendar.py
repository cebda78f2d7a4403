"""When things happen in a rehearsed year, counted from the exam day as real years were."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from keju.kernel.calendar import CHINA

EXAM_DAYS = {2011: date(2011, 10, 16)}


@dataclass(frozen=True)
class Calendar:
    """The instants of one rehearsed year, in order."""

    made: datetime
    announced: datetime
    registration_opens: datetime
    registering: datetime
    registration_closes: datetime
    confirmation_opens: datetime
    confirming: datetime
    confirmation_ends: datetime
    summarised: datetime
    hosts: datetime
    second_review: datetime
    sites: datetime
    seated: datetime
    remitted: datetime
    opened: datetime
    exam_day: datetime
    read: datetime
    keyed: datetime
    scored: datetime
    line: datetime
    released: datetime
    granted: datetime
    archived: datetime


def calendar(year: int) -> Calendar:
    """The rehearsed year of `year`; its exam day is the real one where known, else the third Sunday of October."""
    day = EXAM_DAYS.get(year) or _third_sunday(year)

    def at(days: int, hour: int = 9, minute: int = 0) -> datetime:
        return datetime.combine(day + timedelta(days=days), time(hour, minute), tzinfo=CHINA)

    return Calendar(
        made=at(-150),
        announced=at(-140),
        registration_opens=at(-118),
        registering=at(-110),
        registration_closes=at(-90, 17),
        confirmation_opens=at(-100),
        confirming=at(-85),
        confirmation_ends=at(-78, 17),
        summarised=at(-76, 15),
        hosts=at(-74, 10),
        second_review=at(-66),
        sites=at(-54, 14),
        seated=at(-50),
        remitted=at(-48),
        opened=at(-45),
        exam_day=at(0, 9),
        read=at(12),
        keyed=at(13),
        scored=at(15),
        line=at(40),
        released=at(45),
        granted=at(75),
        archived=at(100),
    )


def _third_sunday(year: int) -> date:
    first = date(year, 10, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 14)
