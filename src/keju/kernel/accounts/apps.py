from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "keju.kernel.accounts"
    label = "accounts"
