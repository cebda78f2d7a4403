"""What finance officers type."""

from decimal import Decimal
from typing import Any

from django import forms

from keju.rulebook.words import Words, t

ANY = t("全部", "All")


def _yuan(label: Words, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        **options,
    )


class TariffForm(forms.Form):
    provincial_fee = _yuan(t("考试费（元）", "Provincial fee (yuan)"), min_value=Decimal(0))
    approval = forms.CharField(
        label=t("批准文件名称和文号", "Approving document, with its number"), max_length=200
    )


class RangeForm(forms.Form):
    prefix = forms.CharField(
        label=t("字轨（号码前的字母等，可空）", "Series (what stands before the number; may be empty)"),
        max_length=20,
        required=False,
    )
    first = forms.IntegerField(label=t("起号", "First number"), min_value=1, max_value=10**15)
    last = forms.IntegerField(label=t("止号", "Last number"), min_value=1, max_value=10**15)


class RemitForm(forms.Form):
    amount = _yuan(t("上缴金额（元）", "Amount sent (yuan)"), min_value=Decimal("0.01"))
    reference = forms.CharField(label=t("银行凭证号", "Bank reference"), max_length=60)


class FiscalForm(forms.Form):
    region = forms.CharField(widget=forms.HiddenInput, max_length=2)
    number = forms.CharField(label=t("财政票据号", "Number of the fiscal receipt"), max_length=40)


class RefundFilter(forms.Form):
    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[("", ANY), ("owed", t("待退", "To be paid")), ("paid", t("已退", "Paid"))],
    )


class PaymentFilter(forms.Form):
    q = forms.CharField(label=t("票据号", "Receipt number"), required=False, max_length=40)
