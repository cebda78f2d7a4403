from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "keju.stages.security"
    label = "security"
