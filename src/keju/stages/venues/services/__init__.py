"""Deciding hosts; entering sites and rooms; reporting."""

from keju.stages.venues.rules import NewRoom
from keju.stages.venues.services.hosting import decide_hosts, propose_hosts
from keju.stages.venues.services.importing import (
    COLUMNS,
    ImportResult,
    import_rooms,
    rooms_workbook,
    template_workbook,
)
from keju.stages.venues.services.reporting import reopen_site, report_site
from keju.stages.venues.services.siting import add_rooms, add_site, edit_room, edit_site, remove_room

__all__ = [
    "COLUMNS",
    "ImportResult",
    "NewRoom",
    "add_rooms",
    "add_site",
    "decide_hosts",
    "edit_room",
    "edit_site",
    "import_rooms",
    "propose_hosts",
    "remove_room",
    "reopen_site",
    "report_site",
    "rooms_workbook",
    "template_workbook",
]
