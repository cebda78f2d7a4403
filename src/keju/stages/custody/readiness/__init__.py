"""Papers on the readiness board."""

from keju.stages.custody.readiness import closure, quantities, stores

__all__ = ["closure", "quantities", "stores"]
