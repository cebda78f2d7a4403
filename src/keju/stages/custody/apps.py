from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "keju.stages.custody"
    label = "custody"
