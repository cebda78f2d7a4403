"""People on the readiness board."""

from keju.stages.staffing.readiness import posts, training

__all__ = ["posts", "training"]
