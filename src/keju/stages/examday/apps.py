from django.apps import AppConfig


class ExamdayConfig(AppConfig):
    name = "keju.stages.examday"
    label = "examday"
