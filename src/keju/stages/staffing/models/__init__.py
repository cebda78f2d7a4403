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

__all__ = [
    "APPOINTMENT_TRANSITIONS",
    "LIVING",
    "Appointment",
    "Invitation",
    "Member",
    "Report",
    "State",
]
