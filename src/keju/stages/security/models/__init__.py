"""Tables of this stage."""

from keju.stages.security.models.emergencies import Drill, DrillPerson, DrillStep, EmergencyPlan
from keju.stages.security.models.inspecting import Answer, Finding, FindingStep, Inspection

__all__ = [
    "Answer",
    "Drill",
    "DrillPerson",
    "DrillStep",
    "EmergencyPlan",
    "Finding",
    "FindingStep",
    "Inspection",
]
