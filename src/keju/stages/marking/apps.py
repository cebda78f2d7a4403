from django.apps import AppConfig


class MarkingConfig(AppConfig):
    name = "keju.stages.marking"
    label = "marking"
