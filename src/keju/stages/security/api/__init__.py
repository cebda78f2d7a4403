"""Precautions over the API."""

from ninja import Router

from keju.stages.security.api.emergencies import router as emergencies
from keju.stages.security.api.inspecting import router as inspecting

router = Router(tags=["security"])
router.add_router("", inspecting)
router.add_router("", emergencies)
