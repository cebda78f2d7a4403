"""Working days, due dates and the clock."""

from keju.kernel.calendar.clock import CHINA, now, today

__all__ = ["CHINA", "now", "today"]
