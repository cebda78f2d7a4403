"""What people type about devices."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import t

Choices = Sequence[tuple[Any, Any]]
STATES = {
    "fit": t("测试合格", "Fit"),
    "broken": t("故障", "Broken"),
    "untested": t("未测试", "Not tested"),
    "retired": t("已报废", "Retired"),
}


class DeviceFilter(forms.Form):
    kind = forms.ChoiceField(label=t("种类", "Kind"), required=False)
    state = forms.ChoiceField(
        label=t("状态", "State"), required=False, choices=[("", t("全部", "All")), *STATES.items()]
    )
    q = forms.CharField(label=t("编号", "Number"), max_length=40, required=False)

    def __init__(self, data: Any, kinds: Choices) -> None:
        super().__init__(data)
        offer(self, "kind", [("", t("全部", "All")), *kinds])
        self.is_valid()


class NewDeviceForm(forms.Form):
    kind = forms.ChoiceField(label=t("种类", "Kind"))
    tag = forms.CharField(label=t("设备编号", "Device number"), max_length=40)
    model = forms.CharField(label=t("型号", "Model"), max_length=80, required=False)

    def __init__(self, *args: Any, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", kinds)


class ImportForm(forms.Form):
    file = forms.FileField(label=t("表格文件（xlsx、xls、ods、csv）", "Spreadsheet (xlsx, xls, ods, csv)"))


class TestForm(forms.Form):
    passed = forms.TypedChoiceField(
        label=t("测试结果", "Result"),
        choices=[("1", t("合格", "It works")), ("0", t("故障", "It does not"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=t("说明", "Note"), max_length=200, required=False)


class EntranceForm(forms.Form):
    name = forms.CharField(label=t("入口名称", "Name of the entrance"), max_length=40)


class PlaceForm(forms.Form):
    """Where, which, and for how long; the exam's own span by default."""

    place = forms.ChoiceField(label=t("位置", "Where"))
    devices = forms.MultipleChoiceField(
        label=t("设备", "Devices"), widget=forms.SelectMultiple(attrs={"size": 8})
    )
    from_at = forms.DateTimeField(
        label=t("开始", "From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until_at = forms.DateTimeField(
        label=t("结束", "Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *args: Any, places: Choices, devices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "place", places)
        offer(self, "devices", devices)
