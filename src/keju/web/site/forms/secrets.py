"""Passwords as they are typed: shown if wanted, pasted if wanted, as long as one likes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from keju.kernel.accounts.passwords import LONGEST, normalised, weaknesses
from keju.rulebook.words import t

PASSWORD = t("密码", "Password")
SHOWN = {"data-show": t("显示密码", "Show the password"), "data-hide": t("隐藏密码", "Hide the password")}


def secret(autocomplete: str) -> forms.PasswordInput:
    """An input that `reveal.js` gives a button to show what is typed; without JavaScript it stays hidden."""
    return forms.PasswordInput(attrs={"autocomplete": autocomplete, **SHOWN})


class OldPassword(forms.CharField):
    """A password that was chosen before. Whatever is typed may be one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"label": PASSWORD, "strip": False, "widget": secret("current-password")} | kwargs,
            max_length=4 * LONGEST,
        )

    def clean(self, value: Any) -> str:
        return normalised(super().clean(value))


class NewPassword(forms.CharField):
    """A password that is chosen now; `refuse` says what is wrong with it once one knows whose it is."""

    def __init__(self, *, minimum: int, **kwargs: Any) -> None:
        self.minimum = minimum
        told = t(
            "至少{minimum}个字符，越长越好。写一句自己记得住的话，汉字、空格、符号都可以；不要求大小写或数字。",
            "At least {minimum} characters, the longer the better. A sentence that you remember is best, in any script,"
            " with spaces; no capitals or digits are asked for.",
        ).format(minimum=minimum)
        chosen = {
            "label": PASSWORD,
            "strip": False,
            "help_text": told,
            "widget": secret("new-password"),
        } | kwargs
        super().__init__(**chosen, max_length=4 * LONGEST)

    def clean(self, value: Any) -> str:
        return normalised(super().clean(value))


def again() -> forms.CharField:
    return OldPassword(label=t("再输一遍密码", "Password again"), widget=secret("new-password"))


def for_candidates(**kwargs: Any) -> NewPassword:
    """Alone it opens the account, so it is the longer one."""
    return NewPassword(minimum=settings.PASSWORD_MINIMUM_ALONE, **kwargs)


def for_staff(**kwargs: Any) -> NewPassword:
    """With the code of a device."""
    return NewPassword(minimum=settings.PASSWORD_MINIMUM_WITH_CODE, **kwargs)


def refuse_weak(form: forms.Form, name: str, about: Sequence[str]) -> None:
    """Adds what is wrong with the new password under `name` to the form, and whether the second one differs."""
    password, field = form.cleaned_data.get(name), form.fields[name]
    if password is None or not isinstance(field, NewPassword):
        return
    for words in weaknesses(password, minimum=field.minimum, about=about):
        form.add_error(name, str(words))
    if "again" in form.cleaned_data and form.cleaned_data["again"] != password:
        form.add_error("again", str(t("两次输入的密码不一样。", "The two passwords differ.")))
