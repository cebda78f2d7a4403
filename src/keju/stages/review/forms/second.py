"""What a region decides, and how its queue is narrowed."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.review.queries import Queue


class BulkForm(forms.Form):
    """The region passes those chosen, or everybody whom the queue shows up to `upto`."""

    signed = forms.BooleanField(
        label=t("复核意见均已在报名表上签署", "The opinion is signed on each of the forms"),
        required=False,
    )
    upto = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


class SecondForm(forms.Form):
    signed = forms.BooleanField(
        label=t("复核意见已在报名表上签署", "The opinion is signed on the form"),
        required=False,
        widget=forms.CheckboxInput(attrs={"accesskey": "s", "autofocus": True}),
    )
    reason = forms.CharField(
        label=t("不通过的原因（考生会看到）", "Reason for not passing (the candidate reads it)"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "accesskey": "r"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class QueueForm(forms.Form):
    """Filters of the second queue; a value that is no choice is left out."""

    point = forms.ChoiceField(label=t("考点", "Point"), required=False)
    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[
            ("", t("待复核", "To decide")),
            ("passed", t("复核通过", "Passed")),
            ("failed", t("复核不通过", "Not passed")),
            ("all", t("全部", "All")),
        ],
    )

    category = forms.ChoiceField(label=t("类别", "Category"), required=False)
    route = forms.ChoiceField(label=t("报名条件", "Eligible by"), required=False)
    q = forms.CharField(
        label=t("姓名、证件号、报名号", "Name, identity or registration number"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"data-search": "1", "autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,
        points: Sequence[tuple[str, Words]],
        categories: Sequence[tuple[str, Words]],
        routes: Sequence[tuple[str, Words]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        every = ("", t("全部", "All"))
        for name, known in (("point", points), ("category", categories), ("route", routes)):
            offer(self, name, [every, *known])

    def chosen(self) -> Queue:
        self.is_valid()
        good = self.cleaned_data
        state = good.get("state", "") or "open"
        return Queue(
            good.get("point", ""),
            "" if state == "all" else state,
            good.get("category", ""),
            good.get("route", ""),
            good.get("q", "").strip(),
        )
