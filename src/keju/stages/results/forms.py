"""What the office and a candidate type."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook import Programme
from keju.rulebook.words import t


class LineForm(forms.Form):
    """A field for every category and level, named `general-licensed`, and the reason."""

    def __init__(self, *args: Any, programme: Programme, highest: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [(c.code, level.code) for c in programme.categories for level in programme.levels]
        for category in programme.categories:
            for level in programme.levels:
                label = t("{c} · {l}（满分{n}）", "{c} · {l} (of {n})").format(
                    c=category.name, l=level.name, n=highest[category.code]
                )
                self.fields[f"{category.code}-{level.code}"] = forms.IntegerField(
                    label=label,  # type: ignore[arg-type]
                    min_value=1,
                    max_value=highest[category.code],
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                )
        self.fields["reason"] = forms.CharField(
            label=t("建议的理由", "Reason for the proposal"),  # type: ignore[arg-type]
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def lines(self) -> dict[tuple[str, str], int]:
        """The lines typed, once all of them are numbers; empty otherwise."""
        given = {key: self.cleaned_data.get("-".join(key)) for key in self.keys}
        return (
            {key: value for key, value in given.items() if value is not None}
            if None not in given.values()
            else {}
        )


class LookupForm(forms.Form):
    ticket = forms.CharField(
        label=t("准考证号", "Ticket number"),  # type: ignore[arg-type]
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    identity = forms.CharField(
        label=t("证件号码", "Identity number"),  # type: ignore[arg-type]
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=t("成绩单上的核验码", "Verification code on the transcript"),  # type: ignore[arg-type]
        max_length=2200,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )


class PassFilter(forms.Form):
    """What the list of passes is narrowed to."""

    q = forms.CharField(label=t("准考证号", "Ticket number"), required=False, max_length=20)  # type: ignore[arg-type]
    category = forms.ChoiceField(label=t("类别", "Category"), required=False)  # type: ignore[arg-type]
    level = forms.ChoiceField(label=t("资格等级", "Level"), required=False)  # type: ignore[arg-type]
    region = forms.ChoiceField(label=t("考区", "Region"), required=False)  # type: ignore[arg-type]

    def __init__(
        self, *args: Any, programme: Programme, regions: Sequence[tuple[str, object]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", t("全部", "All"))
        offer(self, "category", [everything, *((c.code, c.name) for c in programme.categories)])
        offer(self, "level", [everything, *((v.code, v.name) for v in programme.levels)])
        if regions:
            offer(self, "region", [everything, *regions])
        else:
            del self.fields["region"]
