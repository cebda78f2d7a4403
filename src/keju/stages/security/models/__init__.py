"""Tables of this stage."""

from keju.stages.security.models.devices import Device, DeviceTest, DeviceUse, Entrance
from keju.stages.security.models.emergencies import Drill, DrillPerson, DrillStep, EmergencyPlan
from keju.stages.security.models.inspecting import Answer, Finding, FindingStep, Inspection
from keju.stages.security.models.letters import Letter, Wording
from keju.stages.security.models.planning import PLAN_TRANSITIONS, Plan
from keju.stages.security.models.recordings import Disposal, Recording, RecordingCheck, Replay

__all__ = [
    "PLAN_TRANSITIONS",
    "Answer",
    "Device",
    "DeviceTest",
    "DeviceUse",
    "Disposal",
    "Drill",
    "DrillPerson",
    "DrillStep",
    "EmergencyPlan",
    "Entrance",
    "Finding",
    "FindingStep",
    "Inspection",
    "Letter",
    "Plan",
    "Recording",
    "RecordingCheck",
    "Replay",
    "Wording",
]
