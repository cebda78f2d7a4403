"""What others call of training: handbooks, courses, checks, pledges."""

from keju.stages.staffing.services.attendance import attendance_workbook, import_attendance, print_attendance
from keju.stages.staffing.services.checks import (
    Taker,
    begin_checks,
    enter_paper,
    enter_pledges,
    give_links,
    hand_in_checks,
    sign_pledge,
    sign_pledges,
)
from keju.stages.staffing.services.courses import (
    attend,
    cancel_course,
    enter_attendance,
    hold_course,
    hosts,
    invite,
    plan_course,
)
from keju.stages.staffing.services.handbooks import (
    approve_handbook,
    distribute_handbook,
    draft_handbook,
    edit_pool,
    hand_on_handbook,
)

__all__ = [
    "Taker",
    "approve_handbook",
    "attend",
    "attendance_workbook",
    "begin_checks",
    "cancel_course",
    "distribute_handbook",
    "draft_handbook",
    "edit_pool",
    "enter_attendance",
    "enter_paper",
    "enter_pledges",
    "give_links",
    "hand_in_checks",
    "hand_on_handbook",
    "hold_course",
    "hosts",
    "import_attendance",
    "invite",
    "plan_course",
    "print_attendance",
    "sign_pledge",
    "sign_pledges",
]
