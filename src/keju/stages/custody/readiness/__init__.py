"""Papers on the readiness board."""

from keju.stages.custody.readiness import quantities

__all__ = ["quantities"]
