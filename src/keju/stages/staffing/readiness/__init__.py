"""People on the readiness board."""

from keju.stages.staffing.readiness import posts, recusal, training

__all__ = ["posts", "recusal", "training"]
