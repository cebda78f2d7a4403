from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "keju.kernel.notices"
    label = "notices"
