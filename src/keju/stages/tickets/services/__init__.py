"""Numbering, opening, reissuing, printing."""

from keju.stages.tickets.documents import KINDS, LAYOUTS
from keju.stages.tickets.services.changing import SeatsChanged, change_seats
from keju.stages.tickets.services.numbering import GenerationResult, generate, reissue, revoke
from keju.stages.tickets.services.opening import OpeningResult, open_printing
from keju.stages.tickets.services.pack import print_pack
from keju.stages.tickets.services.printing import print_ticket, print_tickets
from keju.stages.tickets.services.scene import site_path, sittings
from keju.stages.tickets.services.sheets import print_sheets
from keju.stages.tickets.services.supervision import set_phone

EVERYTHING, TICKETS = "all", "tickets"
"""What can be ordered beside one kind of paper: all of them in an archive; the tickets themselves."""

__all__ = [
    "EVERYTHING",
    "KINDS",
    "LAYOUTS",
    "TICKETS",
    "GenerationResult",
    "OpeningResult",
    "SeatsChanged",
    "change_seats",
    "generate",
    "open_printing",
    "print_pack",
    "print_sheets",
    "print_ticket",
    "print_tickets",
    "reissue",
    "revoke",
    "set_phone",
    "site_path",
    "sittings",
]
