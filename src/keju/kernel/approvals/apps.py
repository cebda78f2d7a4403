from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "keju.kernel.approvals"
    label = "approvals"
