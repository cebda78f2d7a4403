"""What the offices type: filters, the confirmation place, reasons, the import."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook import Programme
from keju.rulebook.words import Words, t
from keju.stages.registration.documents import FIELDS, STATES

ALL = t("全部", "All")


class Filter(forms.Form):
    """Bound to the address. A value that is no choice is left out, not an error page."""

    state = forms.ChoiceField(label=t("状态", "State"), required=False)
    category = forms.ChoiceField(label=FIELDS["category"], required=False)
    point = forms.ChoiceField(label=t("考区或考点", "Region or point"), required=False)
    q = forms.CharField(
        label=t("姓名、身份证号、报名号或扫码", "Name, identity or registration number, or scan"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "data-search": "1"}),
    )

    def __init__(
        self, *args: Any, programme: Programme, places: Sequence[tuple[str, Words]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "state", [("", ALL), *STATES.items()])
        offer(self, "category", [("", ALL), *((c.code, c.name) for c in programme.categories)])
        if places:
            offer(self, "point", [("", ALL), *places])
        else:
            del self.fields["point"]

    def asked(self) -> dict[str, str]:
        """The filters that are valid, by name; everything else is as if not given."""
        self.is_valid()
        return {key: self.cleaned_data.get(key, "") or "" for key in ("state", "category", "point", "q")}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=t("理由", "Reason"), max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class UnmaskForm(ReasonForm):
    reason = forms.CharField(
        label=t("查看理由（会被记录）", "Why you need to see it (is recorded)"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NeedsForm(forms.Form):
    """What a candidate may still ask for."""

    kinds = forms.MultipleChoiceField(
        label=t("我需要", "I need"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": t("请至少选择一项。", "Choose at least one.")},
    )
    note = forms.CharField(
        label=t("说明（可不填）", "In your own words (optional)"),
        help_text=t("只有考点工作人员能看到。", "Only the people of your point read it."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, kinds: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = [one for one in kinds if one.state]
        self.open = [one for one in kinds if not one.state]
        offer(self, "kinds", [(one.kind.code, one.kind.name) for one in self.open])
        self.texts = {one.kind.code: one.kind.text for one in self.open}


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=t("撤回原因", "Why you withdraw"), max_length=300)


class PlaceForm(forms.Form):
    """V5.1.1: where candidates of the point confirm, and how it is reached."""

    address = forms.CharField(label=t("确认地点的地址", "Address of the confirmation place"), max_length=200)
    hours = forms.CharField(
        label=t("办理时间", "Hours"),
        max_length=120,
        help_text=t("例如：周一至周五 9:00–17:00", "For example: Monday to Friday, 9:00–17:00"),
    )
    contact = forms.CharField(label=t("联系人", "Contact"), max_length=80)
    phone = forms.CharField(
        label=t("联系电话", "Telephone"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )


class ImportForm(forms.Form):
    workbook = forms.FileField(
        label=t("报名表格（xlsx、xls、ods、csv）", "Workbook (xlsx, xls, ods, csv)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
    )
    photos = forms.FileField(
        label=t("照片压缩包（zip）", "Zip of photos"),
        required=False,
        help_text=t(
            "每张照片以身份证号码命名，如 110101198503040019.jpg。",
            "Each photo is named by the identity number: 110101198503040019.jpg.",
        ),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
    )
    whole = forms.ChoiceField(
        label=t("有错误时", "If there are errors"),
        initial="rows",
        widget=forms.RadioSelect,
        choices=[
            (
                "rows",
                t(
                    "正确的行先报名，有错的行退回更正",
                    "Register the good rows, return the others with reasons",
                ),
            ),
            ("whole", t("有一行出错就全部不报名", "Register nothing if one row is wrong")),
        ],
    )
