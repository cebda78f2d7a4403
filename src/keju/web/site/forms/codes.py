"""A code printed on a document."""

from django import forms

from keju.rulebook.words import t


class AnyCode(forms.Form):
    text = forms.CharField(
        label=t("文件上的核验码，或证书编号", "Code printed on the document, or number of the certificate"),
        help_text=t(
            "扫描二维码后粘贴，或照抄K1开头的字符。",
            "Scan the QR code and paste, or copy what begins with K1.",
        ),
        max_length=2400,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "code"}
        ),
    )
