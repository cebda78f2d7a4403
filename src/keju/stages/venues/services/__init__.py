"""Deciding hosts; entering sites and rooms; reporting."""

from keju.stages.venues.rules import SEATING_KINDS, NewRoom
from keju.stages.venues.services.checking import attest
from keju.stages.venues.services.copying import COPIED, Copied, copy_site, set_picture
from keju.stages.venues.services.hosting import decide_hosts
from keju.stages.venues.services.importing import (
    COLUMNS,
    ImportResult,
    import_rooms,
    import_rooms_of_sites,
    rooms_of_sites_workbook,
    rooms_workbook,
    template_workbook,
)
from keju.stages.venues.services.proposing import (
    AT_LENGTH,
    ask_hosts,
    keep_hosts,
    keep_proposal,
    propose_hosts,
    solved,
)
from keju.stages.venues.services.reporting import reopen_site, report_site
from keju.stages.venues.services.siting import add_rooms, add_site, edit_room, edit_site, remove_room

__all__ = [
    "AT_LENGTH",
    "COLUMNS",
    "COPIED",
    "SEATING_KINDS",
    "Copied",
    "ImportResult",
    "NewRoom",
    "add_rooms",
    "add_site",
    "ask_hosts",
    "attest",
    "copy_site",
    "decide_hosts",
    "edit_room",
    "edit_site",
    "import_rooms",
    "import_rooms_of_sites",
    "keep_hosts",
    "keep_proposal",
    "propose_hosts",
    "remove_room",
    "reopen_site",
    "report_site",
    "rooms_of_sites_workbook",
    "rooms_workbook",
    "set_picture",
    "solved",
    "template_workbook",
]
