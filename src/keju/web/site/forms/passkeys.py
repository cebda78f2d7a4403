"""What a candidate types about passkeys; what the device says goes in a field of its own."""

from django import forms

from keju.rulebook.words import t
from keju.web.site.forms.secrets import OldPassword


class NewPasskey(forms.Form):
    """The password once more, so that nobody adds a key at a screen that was left open."""

    name = forms.CharField(
        label=t("名称", "Name"),
        max_length=40,
        help_text=t(
            "便于认出是哪台设备，例如“我的手机”。", "To tell the device by, for example “My telephone”."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = OldPassword(label=t("再输一次您的密码", "Your password once more"))


class PasskeyName(forms.Form):
    name = forms.CharField(label=t("名称", "Name"), max_length=40)
