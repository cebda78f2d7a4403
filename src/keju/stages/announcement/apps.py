from django.apps import AppConfig


class AnnouncementConfig(AppConfig):
    name = "keju.stages.announcement"
    label = "announcement"
