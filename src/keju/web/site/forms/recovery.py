"""A lost password: asking for a code, using it, giving one at the counter."""

from typing import Any

from django import forms

from keju.rulebook.words import t
from keju.web.site.forms.contact import telephone
from keju.web.site.forms.documents import DocumentForm
from keju.web.site.forms.secrets import again, for_candidates, refuse_weak

CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "class": "code"}


class Recover(DocumentForm):
    """What is no possible number is answered like one that is nobody's."""

    phone = telephone()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = t(
            "报名时登记的手机。", "The telephone that you gave on registering."
        )


class NewPasswordByCode(forms.Form):
    """The code from the telephone, and the new password with it."""

    code = forms.CharField(
        label=t("短信里的6位验证码", "Six-digit code from the text message"),
        max_length=20,
        widget=forms.TextInput(attrs={**CODE, "inputmode": "numeric"}),
    )
    password = for_candidates(label=t("新密码", "New password"))
    again = again()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        refuse_weak(self, "password", [str(data.get("username", ""))])
        return data


class NewPasswordByPaper(DocumentForm):
    """The code printed at a counter, with the number of the document that was seen there."""

    code = forms.CharField(
        label=t("纸条上的8位重设码", "Eight-character code on the slip"),
        max_length=20,
        widget=forms.TextInput(attrs={**CODE, "autocapitalize": "characters"}),
    )
    password = for_candidates(label=t("新密码", "New password"))
    again = again()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        refuse_weak(self, "password", [str(data.get("username", ""))])
        return data


class IssueCode(forms.Form):
    """At the counter: for whom, and that the person was seen with the document."""

    text = forms.CharField(
        label=t("报名号或身份证件号码", "Registration number or identity number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )
    seen = forms.BooleanField(
        label=t(
            "我看过证件原件，来人就是持证人",
            "I have seen the original document, and this is the person on it",
        )
    )
