from django.apps import AppConfig


class StaffingConfig(AppConfig):
    name = "keju.stages.staffing"
    label = "staffing"
