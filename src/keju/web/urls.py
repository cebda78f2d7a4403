"""Every address: the kernel's pages, then each stage's own list."""

from pathlib import Path

from django.urls import URLPattern, URLResolver, include, path

from keju.web import settings
from keju.web.api import api

SOURCE = Path(__file__).parents[2]
handler400 = "keju.web.errors.bad_request"
handler404 = "keju.web.errors.not_found"
handler500 = "keju.web.errors.broken"


def _of(package: str) -> list[URLResolver]:
    return (
        [path("", include(f"{package}.urls"))]
        if (SOURCE / Path(*package.split(".")) / "urls.py").exists()
        else []
    )


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    *_of("keju.web.site"),
    *(r for name in settings.KERNEL for r in _of(f"keju.kernel.{name}")),
    *(r for name in settings.STAGES for r in _of(f"keju.stages.{name}")),
]
