from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "keju.stages.archive"
    label = "archive"
