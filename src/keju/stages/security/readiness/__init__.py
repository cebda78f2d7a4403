"""Precautions on the readiness board."""

from keju.stages.security.readiness import inspecting

__all__ = ["inspecting"]
