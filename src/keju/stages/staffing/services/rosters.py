"""Everything that is done with rosters: made, proposed, published, filed, and telephones shown."""

from keju.stages.staffing.services.calendars import (
    Given,
    calendar_of,
    give_calendar_links,
    link_state,
    take_calendar,
)
from keju.stages.staffing.services.filing import (
    exchange_phones,
    file_directory,
    show_directory,
    show_on_duty,
    show_roster,
    take_directory,
)
from keju.stages.staffing.services.proposing import (
    Open,
    Proposed,
    proposals,
    take_proposals,
)
from keju.stages.staffing.services.publishing import (
    publish_rosters,
    refusals,
)
from keju.stages.staffing.services.roster_prints import (
    print_directory,
    print_roster,
)
from keju.stages.staffing.services.roster_sheets import (
    ImportedShifts,
    import_roster,
    roster_workbook,
)
from keju.stages.staffing.services.rostering import (
    Change,
    NewShift,
    change_rosters,
    check_each,
    open_rosters,
    set_hours,
)

__all__ = [
    "Change",
    "Given",
    "ImportedShifts",
    "NewShift",
    "Open",
    "Proposed",
    "calendar_of",
    "change_rosters",
    "check_each",
    "exchange_phones",
    "file_directory",
    "give_calendar_links",
    "import_roster",
    "link_state",
    "open_rosters",
    "print_directory",
    "print_roster",
    "proposals",
    "publish_rosters",
    "refusals",
    "roster_workbook",
    "set_hours",
    "show_directory",
    "show_on_duty",
    "show_roster",
    "take_calendar",
    "take_directory",
    "take_proposals",
]
