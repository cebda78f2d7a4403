"""Changing what a registration says."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.registration.queries import FACT_CHOICES, FACTS, FIELDS

#: a clerk does not see these in clear: empty means unchanged
UNSEEN = ("phone", "email", "address")


class ChangeForm(forms.Form):
    """Every field as it stands; what is changed is the correction. `unseen`: those left empty stay as they are."""

    name = forms.CharField(label=FIELDS["name"], max_length=80)
    phone = forms.CharField(label=FIELDS["phone"], max_length=20, required=False)
    email = forms.EmailField(label=FIELDS["email"], max_length=120, required=False)
    address = forms.CharField(label=FIELDS["address"], max_length=200, required=False)
    employer = forms.CharField(label=FIELDS["employer"], max_length=120, required=False)
    category = forms.ChoiceField(label=FIELDS["category"])
    route = forms.ChoiceField(label=FIELDS["route"])

    def __init__(
        self,
        *args: Any,
        now: Mapping[str, str],
        categories: Sequence[tuple[str, Words]],
        routes: Sequence[tuple[str, Words]],
        facts: Sequence[str],
        masked: bool,
        **kwargs: Any,
    ) -> None:
        shown = {k: v for k, v in now.items() if not (masked and k in UNSEEN)}
        super().__init__(*args, initial=shown, **kwargs)
        self.masked = masked
        offer(self, "category", categories)
        if routes:
            offer(self, "route", routes)
        else:
            del self.fields["route"]
        if masked:
            for key in UNSEEN:
                self.fields[key].help_text = t("不改请留空。", "Leave it empty to keep it.")
        for key in facts:
            self.fields[key] = _fact(key)
        self.fields["reason"] = forms.CharField(
            label=t("更正原因", "Why it is to be corrected"), max_length=300
        )
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def changes(self) -> dict[str, str]:
        """What was entered, field by field; the service finds out what differs."""
        given = {k: str(v or "") for k, v in self.cleaned_data.items() if k not in ("reason", "version")}
        return {k: v for k, v in given.items() if v or not (self.masked and k in UNSEEN)}


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=t("不同意的原因（考生会看到）", "Reason for refusing (the candidate reads it)"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "accesskey": "r"}),
    )


class CorrectionFilter(forms.Form):
    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[
            ("", t("待决定", "To decide")),
            ("unsigned", t("待重新签字", "To be signed again")),
            ("approved", t("已批准", "Approved")),
            ("refused", t("未批准", "Refused")),
            ("all", t("全部", "All")),
        ],
    )

    def chosen(self) -> str:
        state = (self.cleaned_data if self.is_valid() else {}).get("state", "") or "asked"
        return "" if state == "all" else state


def _fact(key: str) -> forms.Field:
    if key in FACT_CHOICES:
        known = [("", t("请选择", "Choose")), *FACT_CHOICES[key].items()]
        return forms.ChoiceField(label=FACTS[key], choices=known, required=False)
    if key.endswith("_on"):
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(label=FACTS[key], required=False, widget=widget)
    return forms.CharField(label=FACTS[key], max_length=80, required=False)
