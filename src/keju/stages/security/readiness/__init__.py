"""Precautions on the readiness board."""

from keju.stages.security.readiness import emergencies, inspecting

__all__ = ["emergencies", "inspecting"]
