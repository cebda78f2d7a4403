"""What is typed when missing sheets are found again."""

from typing import Any

from django import forms

from keju.rulebook.words import t
from keju.stages.custody.forms.seal_room import TYPED, Keyed, code_field, people, person_field
from keju.stages.custody.queries.people import Team
from keju.stages.custody.rules.found_again import Found
from keju.stages.custody.services.found_again import FoundAgain

SIGNING = ("officer", "first", "second")


class FoundForm(Keyed):
    """The seal first, then the sheets, where they lay, the new seal, and three who sign."""

    seal_cut = forms.CharField(
        label=t("袋上的封条号（剪开前看清）", "Seal on the bag, read before it is cut"), max_length=40,
        widget=forms.TextInput(attrs=TYPED),
    )  # fmt: skip
    used = forms.IntegerField(
        label=t("找回：已用", "Found: written on"), min_value=0, max_value=9999, initial=0
    )
    unused = forms.IntegerField(
        label=t("找回：未用", "Found: not written on"), min_value=0, max_value=9999, initial=0
    )
    defective = forms.IntegerField(
        label=t("找回：残缺", "Found: defective"), min_value=0, max_value=9999, initial=0
    )
    where = forms.CharField(label=t("在哪里找到", "Where it was found"), max_length=120)
    other = forms.CharField(
        label=t("在别的袋里的，那一袋的编码", "If in another bag, the code of that bag"), max_length=40, required=False,
        widget=forms.TextInput(attrs=TYPED),
    )  # fmt: skip
    reason = forms.CharField(
        label=t("清点时为什么没有", "Why it was not there at the count"), max_length=150,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    seal_new = forms.CharField(
        label=t("新封条号（没有用过的）", "New seal, never used before"), max_length=40,
        widget=forms.TextInput(attrs=TYPED),
    )  # fmt: skip

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = people((*team.heads, *team.staff))
        for name, label, choices in (
            ("officer", t("机要员", "Confidential officer"), people(team.officers)),
            ("first", t("考点人员甲", "First of the point"), others),
            ("second", t("考点人员乙", "Second of the point"), others),
        ):
            self.fields[name] = person_field(label, choices)
            sign = t("{who}的签名码", "Code: {who}").format(who=label)
            self.fields[f"{name}_code"] = code_field(sign, *(() if name == "officer" else ("",)))

    def said(self) -> FoundAgain:
        typed = self.cleaned_data
        words = {name: typed[name] for name in ("where", "other", "reason", "seal_cut", "seal_new", *SIGNING)}
        return FoundAgain(Found(typed["used"], typed["unused"], typed["defective"]), **words)

    def signing(self) -> list[str]:
        """The names of the fields whose people sign."""
        return list(SIGNING)

    def codes(self) -> dict[int, str]:
        return {self.cleaned_data[who]: self.cleaned_data[f"{who}_code"] for who in SIGNING}
