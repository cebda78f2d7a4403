"""Staffing over the API: one module per part, all of them on one router."""

from keju.stages.staffing.api import training
from keju.stages.staffing.api.people import router

__all__ = ["router", "training"]
