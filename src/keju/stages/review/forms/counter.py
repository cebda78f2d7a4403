"""What a clerk does at the counter."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.kernel.files.scans import ACCEPT, MAX_BYTES, TOO_LARGE
from keju.rulebook.model import Material
from keju.rulebook.words import Words, t
from keju.stages.fees.services import Payment
from keju.stages.review.rules import TICKS, Ticks
from keju.stages.review.services import FirstDecision

TICK_NAMES = {"complete": t("齐全", "complete"), "true": t("真实", "true"), "valid": t("有效", "valid")}

#: the letters that go to a field from anywhere on the desk; digits go to the ticks
KEYS = {"reference": "t", "returned": "o", "signed": "s", "usual": "u", "reason": "r"}


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
    signed = forms.BooleanField(
        label=t("考生核对无误，两份报名表均已签字", "Checked by the candidate; both copies are signed"),
        required=False,
    )
    usual = forms.ChoiceField(
        label=t("不通过的原因（考生会看到）", "Reason for not passing (the candidate reads it)"),
        required=False,
    )
    reason = forms.CharField(
        label=t("补充说明或其他原因", "More about it, or another reason"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, materials: Sequence[Material], reasons: Sequence[Words] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.materials = materials
        self.reasons = reasons
        for name, letter in KEYS.items():
            self.fields[name].widget.attrs["accesskey"] = letter
        first = ("", t("请选择，或在下面填写", "Choose, or write below"))
        offer(self, "usual", [first, *((str(n), words) for n, words in enumerate(reasons))])
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
            reason="" if passed else self.why(),
            payment=payment,
            version=given["version"],
            signed=given["signed"],
        )

    def why(self) -> str:
        """The usual reason that was chosen and what was written, as one; the candidate reads it in Chinese."""
        usual, more = self.cleaned_data["usual"], self.cleaned_data["reason"].strip()
        return "；".join(part for part in (self.reasons[int(usual)].zh if usual else "", more) if part)


class AcceptForm(forms.Form):
    reason = forms.CharField(label=t("认可照片的理由", "Why the photo is accepted"), max_length=200)


class CounterForm(forms.Form):
    q = forms.CharField(
        label=t(
            "扫描报名表或准考证上的码，或输入证件号、报名号（可只输末几位）、准考证号、票据号、姓名",
            "Scan a form or ticket, or type an identity, registration (its last digits do) or ticket number, a receipt or a name",
        ),
        required=False,
        max_length=400,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "data-search": "1", "accesskey": "s"}
        ),
    )


class ScanForm(forms.Form):
    """One page of one material; a telephone offers its camera."""

    material = forms.CharField(max_length=40, widget=forms.HiddenInput)
    file = forms.FileField(
        label=t("扫描件（JPEG、PNG、PDF，不超过10 MB）", "Scan (JPEG, PNG or PDF, up to 10 MB)"),
        max_length=200,
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    camera = forms.FileField(
        label=t("拍照", "Photograph"),
        max_length=200,
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        page = given.get("file") or given.get("camera")
        if not page:
            raise forms.ValidationError(t("请选择文件或拍照。", "Choose a file or take a photograph."))
        if page.size > MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return {**given, "page": page}
