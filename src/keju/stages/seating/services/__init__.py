"""Writes of the seating stage."""

from keju.stages.seating.rules import Move
from keju.stages.seating.services.changing import Changed, ChangeResult, Sitting, change
from keju.stages.seating.services.planning import PlanResult, hold, make_plans

__all__ = ["ChangeResult", "Changed", "Move", "PlanResult", "Sitting", "change", "hold", "make_plans"]
