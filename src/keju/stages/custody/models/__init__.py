"""The tables of custody."""

from keju.stages.custody.models.alarms import Alarm
from keju.stages.custody.models.cases import Case, CaseContainer, CaseStep, Companion, Isolation
from keju.stages.custody.models.chain import Container, Holding, Operation, Step
from keju.stages.custody.models.ending import Destruction
from keju.stages.custody.models.handovers import (
    CustodyException,
    Handover,
    HandoverBatch,
    HandoverItem,
    HandoverPerson,
    HandoverScan,
)
from keju.stages.custody.models.journeys import Journey, JourneyCrew, JourneyEntry
from keju.stages.custody.models.keeping import (
    DailyReport,
    Entry,
    EntryEnd,
    KeyStep,
    WatchReview,
    WatchSpan,
)
from keju.stages.custody.models.quantities import Confirmation
from keju.stages.custody.models.seal_room import (
    Attempt,
    Finding,
    Issue,
    JointCount,
    SealCheck,
    SealRoom,
    SpareReport,
    SpareUse,
)
from keju.stages.custody.models.stores import Acceptance, Store, StoreCheck, StoreLeave, StorePerson
from keju.stages.custody.models.tracing import LookUp

__all__ = [
    "Acceptance",
    "Alarm",
    "Attempt",
    "Case",
    "CaseContainer",
    "CaseStep",
    "Companion",
    "Confirmation",
    "Container",
    "CustodyException",
    "DailyReport",
    "Destruction",
    "Entry",
    "EntryEnd",
    "Finding",
    "Handover",
    "HandoverBatch",
    "HandoverItem",
    "HandoverPerson",
    "HandoverScan",
    "Holding",
    "Isolation",
    "Issue",
    "JointCount",
    "Journey",
    "JourneyCrew",
    "JourneyEntry",
    "KeyStep",
    "LookUp",
    "Operation",
    "SealCheck",
    "SealRoom",
    "SpareReport",
    "SpareUse",
    "Step",
    "Store",
    "StoreCheck",
    "StoreLeave",
    "StorePerson",
    "WatchReview",
    "WatchSpan",
]
