"""Precautions over the API."""

from ninja import Router

from keju.stages.security.api.emergencies import router as emergencies
from keju.stages.security.api.inspecting import router as inspecting
from keju.stages.security.api.letters import router as letters
from keju.stages.security.api.recordings import router as recordings

router = Router(tags=["security"])
router.add_router("", inspecting)
router.add_router("", emergencies)
router.add_router("", letters)
router.add_router("", recordings)
