"""The web's application: what every form says where the framework's own words are a programmer's."""

from django.apps import AppConfig
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.forms import ChoiceField, EmailField, Field
from django.utils.functional import lazystr

from keju.rulebook.words import t


class WebConfig(AppConfig):
    name = "keju.web"
    label = "web"

    def ready(self) -> None:
        Field.default_error_messages["required"] = t("请填写这一项。", "Please fill this in.")
        ChoiceField.default_error_messages["required"] = t("请选择一项。", "Please choose one.")
        ChoiceField.default_error_messages["invalid_choice"] = t(
            "请从列出的选项中选择。", "Choose one of the options listed."
        )
        # The framework fills these in itself, so they have to be text when they are read.
        MaxLengthValidator.message = lazystr(
            t(
                "最多%(limit_value)d个字，现在有%(show_value)d个，请缩短。",
                "At most %(limit_value)d characters, now there are %(show_value)d: make it shorter.",
            )
        )
        ProhibitNullCharactersValidator.message = lazystr(
            t(
                "里面有不能使用的字符，请重新输入。",
                "There is a character that cannot be used: type it again.",
            )
        )
        # Its own table: the one it inherits is every field's, and would answer for a wrong telephone too.
        EmailField.default_error_messages = {
            "invalid": t(
                "请填写有效的电子邮箱地址，例如li@example.org。",
                "Enter an e-mail address like li@example.org.",
            )
        }
