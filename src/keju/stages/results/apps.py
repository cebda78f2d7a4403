from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "keju.stages.results"
    label = "results"
