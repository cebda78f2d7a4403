"""Precautions on the readiness board."""

from keju.stages.security.readiness import devices, emergencies, inspecting, letters, recordings

__all__ = ["devices", "emergencies", "inspecting", "letters", "recordings"]
