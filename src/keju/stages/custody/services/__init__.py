"""Writes of custody."""

from keju.stages.custody.services import cases, incidents, journey_approval, journeys, store_leave, underway
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.making import make
from keju.stages.custody.services.quantities import confirm, print_form, set_due

__all__ = [
    "carry_out",
    "cases",
    "confirm",
    "incidents",
    "journey_approval",
    "journeys",
    "make",
    "print_form",
    "set_due",
    "store_leave",
    "underway",
]
