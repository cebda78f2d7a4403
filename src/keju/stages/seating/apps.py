from django.apps import AppConfig


class SeatingConfig(AppConfig):
    name = "keju.stages.seating"
    label = "seating"
