"""The consignment: how it goes out, and what the region counts."""

from collections.abc import Mapping
from typing import Any

from django import forms

from keju.rulebook.words import t
from keju.stages.review.documents import ITEMS
from keju.stages.review.services import Parcel

MOST = 10_000_000


class ParcelForm(forms.Form):
    packets = forms.IntegerField(label=ITEMS["packets"], min_value=1, max_value=9999)
    carrier = forms.CharField(
        label=t("送交人，或寄递单号", "Who carries it, or the number of the consignment"), max_length=80
    )
    seal = forms.CharField(
        label=t("封签号（未加封可空）", "Number of the seal (empty if not sealed)"),
        required=False,
        max_length=40,
    )
    kept = forms.BooleanField(label=t("本单位已留存一套材料", "One set is kept at the point"), required=False)

    def parcel(self) -> Parcel:
        given = self.cleaned_data
        return Parcel(given["packets"], given["carrier"], given["kept"], given["seal"])


class ReceiveForm(forms.Form):
    """Every item of the list is counted: nothing is filled in beforehand."""

    remark = forms.CharField(
        label=t("差异说明（与清单一致时可空）", "Differences (empty if it is as listed)"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, contents: Mapping[str, int], sealed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the order of the list: the database keeps the counts in none.
        self.contents = {code: contents[code] for code in sorted(contents, key=list(ITEMS).index)}
        remark = self.fields.pop("remark")
        for code in self.contents:
            self.fields[code] = forms.IntegerField(
                label=t("{what}：清单 {n}，实收", "{what}: {n} listed, found").format(
                    what=ITEMS.get(code, code), n=contents[code]
                ),
                min_value=0,
                max_value=MOST,
            )
        if sealed:
            self.fields["seal_whole"] = forms.BooleanField(
                label=t("封签完好", "The seal is whole"), required=False
            )
        self.fields["remark"] = remark

    def found(self) -> dict[str, int]:
        return {code: self.cleaned_data[code] for code in self.contents}

    def seal_whole(self) -> bool | None:
        """None where there is no seal."""
        return self.cleaned_data.get("seal_whole")
