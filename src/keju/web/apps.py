"""The web's application: what every form says where the framework's own words are a programmer's."""

from django.apps import AppConfig
from django.forms import ChoiceField, EmailField, Field

from keju.rulebook.words import t


class WebConfig(AppConfig):
    name = "keju.web"
    label = "web"

    def ready(self) -> None:
        Field.default_error_messages["required"] = t("请填写这一项。", "Please fill this in.")
        ChoiceField.default_error_messages["required"] = t("请选择一项。", "Please choose one.")
        EmailField.default_error_messages["invalid"] = t(
            "请填写有效的电子邮箱地址，例如li@example.org。", "Enter an e-mail address like li@example.org."
        )
