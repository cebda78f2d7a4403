from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "keju.stages.tickets"
    label = "tickets"
