from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "keju.stages.review"
    label = "review"
