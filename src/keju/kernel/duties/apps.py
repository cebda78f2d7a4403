from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "keju.kernel.duties"
    label = "duties"
