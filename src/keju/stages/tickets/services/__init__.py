"""Numbering, opening, reissuing, printing."""

from keju.stages.tickets.services.changing import SeatsChanged, change_seats
from keju.stages.tickets.services.numbering import GenerationResult, generate, reissue, revoke
from keju.stages.tickets.services.opening import OpeningResult, open_printing
from keju.stages.tickets.services.printing import print_ticket, sittings
from keju.stages.tickets.services.sheets import KINDS, print_sheets

__all__ = [
    "KINDS",
    "GenerationResult",
    "OpeningResult",
    "SeatsChanged",
    "change_seats",
    "generate",
    "open_printing",
    "print_sheets",
    "print_ticket",
    "reissue",
    "revoke",
    "sittings",
]
