"""Rows → plain data for typst: the ticket, and everything that a site hangs up, glues on and hands out (V7, V14.6, V14.7)."""

from keju.stages.tickets.documents.kinds import KINDS, Kind, data_of, labels_of
from keju.stages.tickets.documents.labels import LAYOUTS, Labels
from keju.stages.tickets.documents.parts import (
    Hall,
    Holder,
    Place,
    RoomSheet,
    SitePapers,
    Sitting,
    Stamp,
    pair,
)
from keju.stages.tickets.documents.rooms import names
from keju.stages.tickets.documents.ticket import ticket

__all__ = [
    "KINDS",
    "LAYOUTS",
    "Hall",
    "Holder",
    "Kind",
    "Labels",
    "Place",
    "RoomSheet",
    "SitePapers",
    "Sitting",
    "Stamp",
    "data_of",
    "labels_of",
    "names",
    "pair",
    "ticket",
]
