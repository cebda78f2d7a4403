from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "keju.kernel.jobs"
    label = "jobs"
