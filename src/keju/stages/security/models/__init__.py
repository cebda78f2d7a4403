"""Tables of this stage."""

from keju.stages.security.models.inspecting import Answer, Finding, FindingStep, Inspection

__all__ = ["Answer", "Finding", "FindingStep", "Inspection"]
