from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "keju.stages.fees"
    label = "fees"
