from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "keju.kernel.files"
    label = "files"
