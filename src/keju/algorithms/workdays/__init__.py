"""Official Chinese working days, and due dates counted by them."""

from keju.algorithms.workdays.days import (
    Counted,
    Day,
    add_working_days,
    count_working_days,
    is_working_day,
    look_up,
    working_days_between,
)
from keju.algorithms.workdays.due import CHINA, Due, Fixed, fixed

__all__ = [
    "CHINA",
    "Counted",
    "Day",
    "Due",
    "Fixed",
    "add_working_days",
    "count_working_days",
    "fixed",
    "is_working_day",
    "look_up",
    "working_days_between",
]
