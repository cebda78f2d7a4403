"""Which boxes are repacked, what was scanned out of them, and who signs for it."""

from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.custody.forms.seal_room import CODE_HELP, NOBODY, SCAN, code_field, person_field
from keju.stages.custody.queries.packing import Crew
from keju.stages.custody.services.packing import Hands

RECEIVERS = 3  # as many as one form has room for


class PackingForm(forms.Form):
    """`scanned`: one code a line, as a scanner types them."""

    boxes = forms.MultipleChoiceField(
        label=t("要拆的箱（包）", "Boxes to unpack"), widget=forms.CheckboxSelectMultiple, required=False
    )
    scanned = forms.CharField(
        label=t("逐袋扫描，每行一个编号", "Scan every bag, one code a line"),
        max_length=40_000,
        required=False,
        widget=forms.Textarea(attrs={**SCAN, "rows": 10}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: list[tuple[str, Words]], crew: Crew, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "boxes", choices)
        receivers = [NOBODY, *((c.person_id, c.name) for c in crew.receivers.values())]
        officers = [NOBODY, *((c.person_id, c.name) for c in crew.officers.values())]
        for n in range(1, max(RECEIVERS, crew.least) + 1):
            who = (
                t("接收员{n}", "Receiver {n}")
                if n <= crew.least
                else t("接收员{n}（可不选）", "Receiver {n} (if any)")
            )
            who = who.format(n=n)
            self.fields[f"receiver_{n}"] = person_field(who, receivers, required=False)
            self.fields[f"receiver_{n}_code"] = code_field(
                t("接收员{n}签名码", "Code of receiver {n}").format(n=n), CODE_HELP if n == 1 else ""
            )
        self.fields["officer"] = person_field(
            t("在场监督的机要员", "Confidential officer who watches"), officers, required=False
        )
        self.fields["officer_code"] = code_field(t("机要员签名码", "Officer's code"), "")
        self.least = crew.least

    def signing(self) -> dict[str, int]:
        """Field → who was chosen in it."""
        names = [*(f"receiver_{n}" for n in range(1, max(RECEIVERS, self.least) + 1)), "officer"]
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name] is not None}

    def hands(self) -> Hands:
        """Who was chosen, with the codes that they typed."""
        chosen = self.signing()
        codes = {person: self.cleaned_data[f"{name}_code"] for name, person in chosen.items()}
        officer = chosen.pop("officer", None)
        return Hands(list(chosen.values()), officer, codes)
