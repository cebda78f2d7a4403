"""Custody over the API: one module per part, all of them on one router."""

from keju.stages.custody.api.quantities import router

__all__ = ["router"]
