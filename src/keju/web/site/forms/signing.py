"""In and up."""

from typing import Any

from django import forms

from keju.rulebook.words import t
from keju.web.site.forms.contact import telephone
from keju.web.site.forms.documents import DocumentForm
from keju.web.site.forms.secrets import OldPassword, again, for_candidates, refuse_weak


class SignIn(DocumentForm):
    """A candidate. What cannot be a number is answered like a wrong password."""

    password = OldPassword()


class OfficeSignIn(forms.Form):
    username = forms.CharField(
        label=t("登录名", "Sign-in name"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = OldPassword()


class SignUp(DocumentForm):
    """A candidate's account."""

    name = forms.CharField(
        label=t("姓名", "Name"),
        max_length=80,
        help_text=t("与证件上的完全一致。", "Exactly as on the document."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = telephone()
    password = for_candidates()
    again = again()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        self.check_number()
        refuse_weak(self, "password", [str(data.get(name, "")) for name in ("username", "name", "phone")])
        return data
