"""What the centre and a region type."""

from datetime import datetime, time

from django import forms

from keju.kernel.calendar import CHINA
from keju.rulebook.words import t


class DueForm(forms.Form):
    on = forms.DateField(label=t("上报截止日", "Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def due(self) -> datetime:
        """The end of that day."""
        return datetime.combine(self.cleaned_data["on"], time(23, 59), CHINA)


class ConfirmForm(forms.Form):
    """The receipt details as on the stamped form. `digest` is of the quantities that were shown."""

    receiver = forms.CharField(label=t("接收单位和接收人", "Receiving office and person"), max_length=120)
    address = forms.CharField(label=t("接收地址（保密室）", "Address of the store"), max_length=200)
    phone = forms.CharField(label=t("联系电话", "Telephone"), max_length=40)
    scan = forms.FileField(
        label=t("盖章确认表的扫描件（JPEG、PNG、PDF）", "Scan of the stamped form (JPEG, PNG, PDF)")
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
