"""Precautions on the readiness board."""

from keju.stages.security.readiness import emergencies, inspecting, letters

__all__ = ["emergencies", "inspecting", "letters"]
