from django.apps import AppConfig


class OfficesConfig(AppConfig):
    name = "keju.kernel.offices"
    label = "offices"

    def ready(self) -> None:
        import keju.kernel.offices.among  # noqa: F401, PLC0415  registers the lookup `__among`
