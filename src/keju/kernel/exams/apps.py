from django.apps import AppConfig


class ExamsConfig(AppConfig):
    name = "keju.kernel.exams"
    label = "exams"
