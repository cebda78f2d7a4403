"""The tables of custody."""

from keju.stages.custody.models.alarms import Alarm
from keju.stages.custody.models.chain import Container, Holding, Operation, Step
from keju.stages.custody.models.keeping import (
    DailyReport,
    Entry,
    EntryEnd,
    KeyStep,
    WatchReview,
    WatchSpan,
)
from keju.stages.custody.models.quantities import Confirmation
from keju.stages.custody.models.stores import Acceptance, Store, StoreCheck, StoreLeave, StorePerson

__all__ = [
    "Acceptance",
    "Alarm",
    "Confirmation",
    "Container",
    "DailyReport",
    "Entry",
    "EntryEnd",
    "Holding",
    "KeyStep",
    "Operation",
    "Step",
    "Store",
    "StoreCheck",
    "StoreLeave",
    "StorePerson",
    "WatchReview",
    "WatchSpan",
]
