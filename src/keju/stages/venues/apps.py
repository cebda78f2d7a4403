from django.apps import AppConfig


class VenuesConfig(AppConfig):
    name = "keju.stages.venues"
    label = "venues"
