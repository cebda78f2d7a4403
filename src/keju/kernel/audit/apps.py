from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "keju.kernel.audit"
    label = "audit"
