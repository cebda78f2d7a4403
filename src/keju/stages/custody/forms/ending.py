"""What people type about the end of the papers."""

from typing import Any

from django import forms

from keju.rulebook.words import t
from keju.stages.custody.forms.seal_room import EscortForm, people, person_field
from keju.stages.custody.queries.people import Team


class OrderForm(forms.Form):
    method = forms.CharField(
        label=t("销毁方式", "Method"), max_length=120, help_text=t("如：粉碎、化浆", "Shredded, pulped")
    )
    place = forms.CharField(label=t("销毁地点", "Place"), max_length=120)


class DestroyForm(EscortForm):
    """Who watched, and who did it: each with a code."""

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, team=team, **kwargs)
        self.fields["head"] = person_field(t("监督的主考", "Head who watched"), people(team.heads))
        self.fields["head_code"] = forms.CharField(
            label=t("主考签名码", "Head's code"), max_length=20, required=False
        )
        self.fields["staff_2"].required = False
        self.order_fields(("key", "head", "head_code"))

    def signing(self) -> list[str]:
        return ["head", *super().signing()]
