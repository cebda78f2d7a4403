from django.apps import AppConfig


class OfficesConfig(AppConfig):
    name = "keju.kernel.offices"
    label = "offices"
