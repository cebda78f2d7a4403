"""Papers on the readiness board."""

from keju.stages.custody.readiness import cases, closure, half_days, onway, quantities, returning, stores

__all__ = ["cases", "closure", "half_days", "onway", "quantities", "returning", "stores"]
