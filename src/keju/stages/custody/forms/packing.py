"""Which boxes are repacked, and what was scanned out of them."""

from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t


class PackingForm(forms.Form):
    """`scanned`: one code a line, as a scanner types them."""

    boxes = forms.MultipleChoiceField(
        label=t("要拆的箱（包）", "Boxes to unpack"), widget=forms.CheckboxSelectMultiple, required=False
    )
    scanned = forms.CharField(
        label=t("逐袋扫描，每行一个编号", "Scan every bag, one code a line"),
        max_length=40_000,
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "autocomplete": "off", "spellcheck": "false", "class": "code"}
        ),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: list[tuple[str, Words]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "boxes", choices)
