"""The tables of staffing."""

from keju.stages.staffing.models.appointing import (
    APPOINTMENT_TRANSITIONS,
    LIVING,
    Appointment,
    Invitation,
    Report,
    State,
)
from keju.stages.staffing.models.people import Member
from keju.stages.staffing.models.recusal import (
    Accountability,
    Decision,
    Declaration,
    Hint,
    Hit,
    Relative,
    Watch,
)
from keju.stages.staffing.models.rosters import (
    CalendarLink,
    Filing,
    FrozenShift,
    Roster,
    RosterVersion,
    Shift,
)

__all__ = [
    "APPOINTMENT_TRANSITIONS",
    "LIVING",
    "Accountability",
    "Appointment",
    "CalendarLink",
    "Decision",
    "Declaration",
    "Filing",
    "FrozenShift",
    "Hint",
    "Hit",
    "Invitation",
    "Member",
    "Relative",
    "Report",
    "Roster",
    "RosterVersion",
    "Shift",
    "State",
    "Watch",
]
