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
from keju.stages.staffing.services.appointing import (
    NewAppointment,
    appoint,
    end,
    is_vacated,
    refused_each,
    short_notice,
)
from keju.stages.staffing.services.importing import (
    COLUMNS,
    EXPORTED,
    ImportResult,
    code_of,
    import_members,
    sector_words,
    template_workbook,
    yes_no,
)
from keju.stages.staffing.services.people import add_members, edit_member, exported, leave, unmask
from keju.stages.staffing.services.replacing import Replaced, replace
from keju.stages.staffing.services.reporting import file_report, receive_report, reporter
from keju.stages.staffing.services.sheets import appointments_template, import_appointments
from keju.stages.staffing.services.slips import print_slips

__all__ = [
    "COLUMNS",
    "EXPORTED",
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
    "appointments_template",
    "code_of",
    "decline_on_paper",
    "edit_member",
    "end",
    "exported",
    "file_report",
    "import_appointments",
    "import_members",
    "invite",
    "is_vacated",
    "leave",
    "print_slips",
    "receive_report",
    "refused_each",
    "replace",
    "reporter",
    "sector_words",
    "settle",
    "short_notice",
    "template_workbook",
    "unmask",
    "yes_no",
]
