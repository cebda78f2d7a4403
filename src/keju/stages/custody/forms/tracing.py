"""What is asked about a page, typed or photographed; and what the printing house is to get."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.custody.rules.containers import read_code

NEITHER = t("请输入编号，或上传一张照片。", "Type the code, or send a photo.")
FORMS = {
    "csv": t("CSV，每份一行", "CSV, a line for each copy"),
    "json": t("JSON，每袋一项，附尺寸", "JSON, an entry for each bag, with the sizes"),
}
NO_BAG = t(
    "这不是袋号，请照标签上条码下面的编号输入。",
    "This is no bag's code. Type what stands under the bar code of its label.",
)


class TraceForm(forms.Form):
    photo = forms.FileField(
        label=t("试卷任意一页或一角的照片", "A photo of any page of a paper, or of a part of one"),
        help_text=t("照片只读取，不保存", "It is read and not kept"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )
    typed = forms.CharField(
        label=t(
            "或输入页脚一行、八位字母或袋号", "Or the line at its foot, its eight letters, or the bag's code"
        ),
        help_text=t("看不清的字母用 ? 代替，最多两个", "? for a letter that cannot be read, two at most"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "code"}),
    )
    case = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("typed") and not given.get("photo"):
            self.add_error("typed", str(NEITHER))
        return given


def _code_field() -> forms.CharField:
    return forms.CharField(
        label=t("您的签字码", "Your signing code"),
        help_text=t(
            "令牌上的六位数字，或签字码单上的一个", "Six digits of your device, or a code of your sheet"
        ),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "code"}),
    )


class TakeForm(forms.Form):
    """The print data of a region."""

    region = forms.ChoiceField(label=t("考区", "Region"))
    form = forms.ChoiceField(
        label=t("格式", "Format"), choices=list(FORMS.items()), initial="csv", widget=forms.RadioSelect
    )
    code = _code_field()

    def __init__(self, data: Any = None, *, regions: Sequence[tuple[str, Words]], **facts: Any) -> None:
        super().__init__(data, **facts)
        offer(self, "region", regions)


class OverprintForm(forms.Form):
    """The overprint sheets of one bag."""

    bag = forms.CharField(
        label=t("袋号", "Bag"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off"}),
    )
    code = _code_field()

    def clean_bag(self) -> str:
        read = read_code(self.cleaned_data["bag"])
        if read is None:
            raise forms.ValidationError(str(NO_BAG))
        return read
