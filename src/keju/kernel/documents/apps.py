from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "keju.kernel.documents"
    label = "documents"
