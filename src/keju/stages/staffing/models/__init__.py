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

__all__ = [
    "APPOINTMENT_TRANSITIONS",
    "LIVING",
    "Accountability",
    "Appointment",
    "Decision",
    "Declaration",
    "Hint",
    "Hit",
    "Invitation",
    "Member",
    "Relative",
    "Report",
    "State",
    "Watch",
]
