"""Papers on the readiness board."""

from keju.stages.custody.readiness import closure, quantities

__all__ = ["closure", "quantities"]
