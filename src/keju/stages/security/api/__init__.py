"""Precautions over the API."""

from ninja import Router

from keju.stages.security.api.emergencies import router as emergencies
from keju.stages.security.api.inspecting import router as inspecting
from keju.stages.security.api.letters import router as letters

router = Router(tags=["security"])
router.add_router("", inspecting)
router.add_router("", emergencies)
router.add_router("", letters)
