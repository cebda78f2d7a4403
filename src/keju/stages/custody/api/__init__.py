"""Custody over the API: one module per part, all of them on one router."""

from ninja import Router

from keju.stages.custody.api import containers, handovers, quantities, stores

router = Router()
for part in (quantities, containers, handovers, stores):
    router.add_router("", part.router)

__all__ = ["router"]
