from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "keju.stages.certificates"
    label = "certificates"
