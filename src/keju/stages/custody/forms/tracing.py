"""What is asked: typed, or photographed."""

from typing import Any

from django import forms

from keju.rulebook.words import t

NEITHER = t("请输入编号，或上传一张照片。", "Type the code, or send a photo.")


class TraceForm(forms.Form):
    typed = forms.CharField(
        label=t("页脚的编号、袋号或六位暗记", "The footer's code, a bag's code, or the six letters"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "code"}),
    )
    photo = forms.FileField(
        label=t("或页脚的照片", "Or a photo of the foot of the page"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("typed") and not given.get("photo"):
            self.add_error("typed", str(NEITHER))
        return given
