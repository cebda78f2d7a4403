from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ReadinessConfig(AppConfig):
    name = "keju.kernel.readiness"
    label = "readiness"

    def ready(self) -> None:
        """Every stage's room `readiness.py` is read, so that its providers are known."""
        autodiscover_modules("readiness")
