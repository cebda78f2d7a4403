"""Writes of the seating stage."""

from keju.stages.seating.services.planning import PlanResult, hold, make_plans

__all__ = ["PlanResult", "hold", "make_plans"]
