from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "keju.stages.registration"
    label = "registration"
