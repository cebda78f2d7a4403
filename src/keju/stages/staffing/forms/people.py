"""The registry: filters, an entry, a workbook."""

from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook import Programme
from keju.rulebook.words import t
from keju.stages.staffing.rules import SEXES, NewMember

ALL = t("全部", "All")
STATES = {
    "unposted": t("尚无岗位", "No post yet"),
    "lacking": t("缺单位或手机", "Employer or telephone lacking"),
    "sector": t("属本行业系统", "Employer in the sector"),
    "left": t("已离开", "Left"),
}
SEARCH = {"type": "search", "autocomplete": "off", "data-search": "1"}


class Asked(forms.Form):
    """Bound to the address. A value that is no choice is left out, not an error page."""

    def asked(self) -> dict[str, str]:
        """The filters that are valid, by name; everything else is as if not given."""
        self.is_valid()
        return {key: self.cleaned_data.get(key, "") or "" for key in self.fields}


class MemberFilter(Asked):
    state = forms.ChoiceField(label=t("情况", "Which"), required=False, choices=[("", ALL), *STATES.items()])
    post = forms.ChoiceField(label=t("岗位", "Post"), required=False)
    q = forms.CharField(
        label=t("姓名、单位、身份证号或手机号", "Name, employer, identity or mobile number"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs=SEARCH),
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "post", [("", ALL), *((p.code, p.name) for p in programme.posts)])


class MemberForm(forms.Form):
    """A member. `known`: who is edited; identity number and telephone left empty stay as they are, for neither is shown."""

    name = forms.CharField(label=t("姓名", "Name"), max_length=80)
    identity = forms.CharField(label=t("身份证号码", "Identity number"), max_length=24)
    sex = forms.ChoiceField(
        label=t("性别", "Sex"),
        choices=[("", t("按身份证号码", "As the identity number says")), *SEXES.items()],
        required=False,
    )
    employer = forms.CharField(label=t("工作单位", "Employer"), max_length=120, required=False)
    in_sector = forms.BooleanField(
        label=t("单位属本行业系统（不得监考）", "The employer is in the sector (may not invigilate)"),
        required=False,
    )
    sector_sure = forms.BooleanField(
        label=t(
            "已核实：单位名称虽相近，但不属本行业系统",
            "Looked into: it only sounds like the sector, and is not of it",
        ),
        required=False,
    )
    phone = forms.CharField(label=t("手机号码", "Mobile number"), max_length=20, required=False)
    permanent = forms.BooleanField(label=t("正式职工", "Permanent staff"), required=False)
    languages = forms.CharField(label=t("语言", "Languages"), max_length=120, required=False)
    certificates = forms.CharField(label=t("证书", "Certificates"), max_length=200, required=False)

    def __init__(self, *args: Any, known: NewMember | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        if known is not None:
            keep = t("不改请留空。", "Leave empty to keep it.")
            self.fields["identity"].required = False
            self.fields["identity"].help_text = self.fields["phone"].help_text = keep
            for key in (
                "name",
                "sex",
                "employer",
                "in_sector",
                "sector_sure",
                "permanent",
                "languages",
                "certificates",
            ):
                self.fields[key].initial = getattr(known, key)

    def member(self) -> NewMember:
        """What was typed, with what was kept."""
        typed = dict(self.cleaned_data)
        if self.known is not None:
            typed["phone"] = typed["phone"] or self.known.phone
            if not typed["identity"]:
                typed["identity"] = self.known.identity
            else:
                typed["sex"] = "" if typed["sex"] == self.known.sex else typed["sex"]
        return NewMember(**typed)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=t("表格文件", "Spreadsheet"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
    )
    partly = forms.BooleanField(
        label=t("先导入没有问题的行", "Take the good rows at once"),
        help_text=t(
            "不勾选时，有一行有问题就一行也不导入。",
            "Without it, one wrong row means that nothing is imported.",
        ),
        required=False,
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=t("原因（会被记录）", "Reason (is recorded)"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class LeaveForm(forms.Form):
    on = forms.DateField(label=t("离开日期", "Left on"), widget=forms.DateInput(attrs={"type": "date"}))
