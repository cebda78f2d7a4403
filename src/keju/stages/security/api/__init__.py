"""Precautions over the API."""

from ninja import Router

from keju.stages.security.api.inspecting import router as inspecting

router = Router(tags=["security"])
router.add_router("", inspecting)
