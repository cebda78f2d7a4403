"""Entering people, filling posts, and everything that follows from it."""

from keju.stages.staffing.rules import NewMember
from keju.stages.staffing.services.answering import (
    LASTS,
    Link,
    accept_on_paper,
    answer,
    decline_on_paper,
    invite,
    settle,
)
from keju.stages.staffing.services.appointing import NewAppointment, appoint, end, refused_each
from keju.stages.staffing.services.importing import (
    COLUMNS,
    ImportResult,
    import_members,
    template_workbook,
)
from keju.stages.staffing.services.people import add_members, edit_member, leave
from keju.stages.staffing.services.replacing import Replaced, replace, short_notice
from keju.stages.staffing.services.reporting import file_report, receive_report, reporter

__all__ = [
    "COLUMNS",
    "LASTS",
    "ImportResult",
    "Link",
    "NewAppointment",
    "NewMember",
    "Replaced",
    "accept_on_paper",
    "add_members",
    "answer",
    "appoint",
    "decline_on_paper",
    "edit_member",
    "end",
    "file_report",
    "import_members",
    "invite",
    "leave",
    "receive_report",
    "refused_each",
    "replace",
    "reporter",
    "settle",
    "short_notice",
    "template_workbook",
]
