"""Staffing over the API: one module per part, all of them on one router."""

from keju.stages.staffing.api import recusal, rosters, training
from keju.stages.staffing.api.people import router

__all__ = ["recusal", "rosters", "router", "training"]
