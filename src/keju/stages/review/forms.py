"""What a clerk does at the counter, and what a region decides."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from keju.rulebook.model import Material
from keju.rulebook.words import Words, t
from keju.stages.fees.services import Payment
from keju.stages.review.rules import TICKS, Ticks
from keju.stages.review.services import FirstDecision

TICK_NAMES = {"complete": t("齐全", "complete"), "true": t("真实", "true"), "valid": t("有效", "valid")}


class DeskForm(forms.Form):
    """The counter, in the order of V5.3.2a: three ticks per material, fee, originals, result."""

    method = forms.ChoiceField(
        label=t("收费方式", "Fee by"),
        required=False,
        choices=[("cash", t("现金", "cash")), ("transfer", t("转账", "transfer"))],
        widget=forms.RadioSelect,
    )
    reference = forms.CharField(
        label=t("转账凭证号（转账时填写，留存复印件）", "Bank reference (for a transfer; keep a copy)"),
        required=False,
        max_length=60,
    )
    returned = forms.BooleanField(
        label=t("原件已退还考生", "Originals returned to the candidate"), required=False
    )
    reason = forms.CharField(
        label=t("不通过的原因（考生会看到）", "Reason for not passing (the candidate reads it)"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, materials: Sequence[Material], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.materials = materials
        self.fields["returned"].widget.attrs["accesskey"] = "o"
        self.fields["reason"].widget.attrs["accesskey"] = "r"
        key = 0
        for material in materials:
            for tick in TICKS:
                key += 1
                label = t("{m}：{k}", "{m}: {k}").format(m=material.name, k=TICK_NAMES[tick])
                attrs: dict[str, object] = {"aria-label": label, "class": "form-check-input"}
                if key < 10:
                    attrs["accesskey"] = str(key)
                if key == 1:
                    attrs["autofocus"] = "autofocus"
                self.fields[f"{tick}_{material.code}"] = forms.BooleanField(
                    label=label, required=False, widget=forms.CheckboxInput(attrs=attrs)
                )

    def rows(self) -> list[tuple[Material, list[tuple[Words, forms.BoundField]]]]:
        """Each material with its three boxes."""
        return [(m, [(TICK_NAMES[k], self[f"{k}_{m.code}"]) for k in TICKS]) for m in self.materials]

    def decision(self, registration_id: int, *, passed: bool, total: Decimal, paid: bool) -> FirstDecision:
        """What the form says; a pass pays the tariff unless the fee is there already."""
        given = self.cleaned_data
        ticks: dict[str, Ticks] = {
            m.code: (
                bool(given[f"complete_{m.code}"]),
                bool(given[f"true_{m.code}"]),
                bool(given[f"valid_{m.code}"]),
            )
            for m in self.materials
        }
        payment = (
            Payment(registration_id, given["method"], total, given["reference"].strip())
            if passed and given["method"] and not paid
            else None
        )
        return FirstDecision(
            registration_id,
            passed,
            ticks,
            returned=given["returned"],
            reason="" if passed else given["reason"],
            payment=payment,
            version=given["version"],
        )


class AcceptForm(forms.Form):
    reason = forms.CharField(label=t("认可照片的理由", "Why the photo is accepted"), max_length=200)


class SecondForm(forms.Form):
    reason = forms.CharField(
        label=t("不通过的原因（考生会看到）", "Reason for not passing (the candidate reads it)"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "accesskey": "r"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReceiveForm(forms.Form):
    remark = forms.CharField(
        label=t("清点情况（缺少的材料等，可空）", "What was found (missing papers; may be empty)"),
        required=False,
        max_length=300,
    )


class CounterForm(forms.Form):
    q = forms.CharField(
        label=t(
            "扫描报名表上的码，或输入身份证号、姓名、报名号",
            "Scan the form's code, or type identity number, name or registration number",
        ),
        required=False,
        max_length=400,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "data-search": "1", "accesskey": "s"}
        ),
    )


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

    def __init__(self, *args: Any, points: Sequence[tuple[str, Words]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["point"].choices = [("", t("全部", "All")), *points]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        good = self.cleaned_data if self.is_valid() else {}
        state = good.get("state", "") or "open"
        return {"point_code": good.get("point", ""), "state": "" if state == "all" else state}
