"""Reads of custody."""

from keju.stages.custody.queries import (
    cases,
    day_alarms,
    handover_alarms,
    journeys,
    moving,
    rooms_watch,
    store_alarms,
)
from keju.stages.custody.queries.chain import (
    Position,
    by_codes,
    contents,
    held,
    history,
    holdings,
    last_seals,
    position,
)
from keju.stages.custody.queries.quantities import (
    Quantities,
    confirmations,
    lines_of,
    names_of,
    own_region,
    quantities,
    scan_of,
    sessions_of,
    sums,
)

__all__ = [
    "Position",
    "Quantities",
    "by_codes",
    "cases",
    "confirmations",
    "contents",
    "day_alarms",
    "handover_alarms",
    "held",
    "history",
    "holdings",
    "journeys",
    "last_seals",
    "lines_of",
    "moving",
    "names_of",
    "own_region",
    "position",
    "quantities",
    "rooms_watch",
    "scan_of",
    "sessions_of",
    "store_alarms",
    "sums",
]
