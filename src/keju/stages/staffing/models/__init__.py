"""The tables of staffing."""

from keju.stages.staffing.models.appointing import (
    APPOINTMENT_TRANSITIONS,
    LIVING,
    Appointment,
    Invitation,
    Report,
    State,
)
from keju.stages.staffing.models.checks import Pledge, TrainingLink, Try
from keju.stages.staffing.models.people import Member
from keju.stages.staffing.models.recusal import (
    Accountability,
    Decision,
    Declaration,
    Hint,
    HintAnswer,
    HintLook,
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
from keju.stages.staffing.models.training import (
    COURSE_TRANSITIONS,
    HANDBOOK_TRANSITIONS,
    Attendee,
    Course,
    CourseState,
    HandbookState,
    HandbookVersion,
    Pool,
)

__all__ = [
    "APPOINTMENT_TRANSITIONS",
    "COURSE_TRANSITIONS",
    "HANDBOOK_TRANSITIONS",
    "LIVING",
    "Accountability",
    "Appointment",
    "Attendee",
    "CalendarLink",
    "Course",
    "CourseState",
    "Decision",
    "Declaration",
    "Filing",
    "FrozenShift",
    "HandbookState",
    "HandbookVersion",
    "Hint",
    "HintAnswer",
    "HintLook",
    "Hit",
    "Invitation",
    "Member",
    "Pledge",
    "Pool",
    "Relative",
    "Report",
    "Roster",
    "RosterVersion",
    "Shift",
    "State",
    "TrainingLink",
    "Try",
    "Watch",
]
