"""Which confirmation places are looked for."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.kernel.exams.models import Opening
from keju.kernel.offices import queries as offices
from keju.rulebook.words import t

ANY = ("", t("全部", "All"))


class PlaceFilter(forms.Form):
    """Every field is optional and stays in the address; what does not fit is left aside."""

    region = forms.ChoiceField(label=t("考区", "Region"), required=False)
    prefecture = forms.ChoiceField(label=t("考点（市、州）", "Point (prefecture)"), required=False)
    q = forms.CharField(
        label=t("地名、地址或电话", "Place, address or telephone"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "address-level2"}),
    )

    def __init__(self, *args: Any, regions: Sequence[Opening], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "region", [ANY, *((o.office_id, o.office.name) for o in regions)])
        region = str(self.data.get("region", ""))
        below = offices.points(region).order_by("code") if region.isdigit() else []
        offer(self, "prefecture", [ANY, *((o.code, o.name) for o in below)])
        if not region:
            del self.fields["prefecture"]

    def asked(self, name: str) -> str:
        """What was asked under this name, if it can be."""
        return str(self.cleaned_data.get(name, "")).strip()
