"""What the centre, a region, a point's clerk and a candidate type."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook import Programme
from keju.rulebook.words import t

EVERYTHING = ("", t("全部", "All"))


class Filter(forms.Form):
    """What the list of certificates is narrowed to."""

    q = forms.CharField(
        label=t("姓名、证件号码、准考证号或证书编号", "Name, identity, ticket or certificate number"),  # type: ignore[arg-type]
        required=False,
        max_length=80,
    )
    category = forms.ChoiceField(label=t("类别", "Category"), required=False)  # type: ignore[arg-type]
    level = forms.ChoiceField(label=t("资格等级", "Level"), required=False)  # type: ignore[arg-type]
    state = forms.ChoiceField(
        label=t("状态", "State"),  # type: ignore[arg-type]
        required=False,
        choices=[EVERYTHING, ("valid", t("有效", "Valid")), ("void", t("作废", "Void"))],
    )
    collected = forms.ChoiceField(
        label=t("领取", "Collected"),  # type: ignore[arg-type]
        required=False,
        choices=[EVERYTHING, ("no", t("未领取", "Not yet")), ("yes", t("已领取", "Yes"))],
    )
    point = forms.ChoiceField(label=t("考点", "Point"), required=False)  # type: ignore[arg-type]

    def __init__(
        self, *args: Any, programme: Programme, points: Sequence[tuple[str, object]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "category", [EVERYTHING, *((c.code, c.name) for c in programme.categories)])
        offer(self, "level", [EVERYTHING, *((v.code, v.name) for v in programme.levels)])
        if len(points) > 1:
            offer(self, "point", [EVERYTHING, *points])
        else:
            del self.fields["point"]


class NumberForm(forms.Form):
    number = forms.CharField(
        label=t("证书编号或扫码", "Certificate number, or scan its code"),  # type: ignore[arg-type]
        max_length=2200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


class CollectionForm(forms.Form):
    """What the clerk saw and took at the counter; the diploma only where it is owed."""

    identity_seen = forms.BooleanField(
        label=t("已核对本人和身份证", "The holder is here in person; identity card checked"),  # type: ignore[arg-type]
        required=False,
    )
    diploma = forms.BooleanField(label=t("已收毕业证书原件核验", "Diploma handed in"), required=False)  # type: ignore[arg-type]
    copies = forms.IntegerField(
        label=t("已收复印件份数", "Copies handed in"),  # type: ignore[arg-type]
        required=False,
        min_value=0,
        max_value=9,
        initial=0,
    )

    def __init__(self, *args: Any, owed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not owed:
            del self.fields["diploma"], self.fields["copies"]


class ReceiptForm(forms.Form):
    counted = forms.IntegerField(label=t("清点份数", "Certificates counted"), min_value=0, max_value=100_000)  # type: ignore[arg-type]


class AskForm(forms.Form):
    number = forms.CharField(label=t("原证书编号", "Number of the certificate"), max_length=20)  # type: ignore[arg-type]
    reason = forms.CharField(
        label=t("补发原因", "Why a new one is needed"),  # type: ignore[arg-type]
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class VerifyForm(forms.Form):
    text = forms.CharField(
        label=t("证书编号，或扫码得到的文字", "Certificate number, or the text of its code"),  # type: ignore[arg-type]
        max_length=2200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
