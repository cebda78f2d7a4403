"""Custody over the API: one module per part, all of them on one router."""

from ninja import Router

from keju.stages.custody.api import (
    cases,
    containers,
    day,
    evidence,
    found_again,
    handovers,
    journey_plans,
    journeys,
    quantities,
    stores,
    tracing,
)

router = Router()
for part in (
    quantities,
    containers,
    handovers,
    journeys,
    journey_plans,
    cases,
    found_again,
    stores,
    day,
    evidence,
    tracing,
):
    router.add_router("", part.router)

__all__ = ["router"]
