"""What is typed on the exam day."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import t
from keju.stages.examday.rules import VIOLATION_LENGTH

STATES = (
    ("present", t("到场", "Present")),
    ("absent", t("缺考", "Absent")),
    ("violation", t("到场，有违纪", "Present, with a violation")),
)


class MarkForm(forms.Form):
    """One seat: what was tapped, and the words that belong to it."""

    ticket = forms.CharField(max_length=20)
    state = forms.ChoiceField(choices=STATES, label=t("状态", "State"))
    violation = forms.CharField(
        label=t("违纪情况", "What happened"), max_length=VIOLATION_LENGTH, required=False
    )
    reason = forms.CharField(label=t("更正理由", "Reason for the correction"), max_length=300, required=False)

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("state") == "violation" and not str(data.get("violation", "")).strip():
            self.add_error("violation", str(t("请写明违纪情况。", "Say what happened.")))
        return data


class RestForm(forms.Form):
    seen = forms.IntegerField(min_value=1)
    sure = forms.BooleanField(
        label=t("我已逐一核对，其余考生都在场", "I have looked: all the others are here")
    )


class CloseForm(forms.Form):
    counted = forms.IntegerField(
        label=t("清点的答题卡张数（含未用）", "Answer cards counted (unused ones too)"),
        min_value=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class RoomFilter(forms.Form):
    session = forms.ChoiceField(label=t("场次", "Session"), required=False)
    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[
            ("", t("全部", "All")),
            ("open", t("未封存", "Open")),
            ("closed", t("已封存", "Closed")),
            ("violations", t("有违纪", "With violations")),
        ],
    )
    q = forms.CharField(label=t("考试地点编号", "Site number"), required=False, max_length=10)

    def __init__(self, *args: object, sessions: list[tuple[str, object]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer(self, "session", [("", t("全部", "All")), *sessions])


class SheetForm(forms.Form):
    session = forms.ChoiceField(label=t("场次", "Session"))
    site = forms.ChoiceField(label=t("考试地点", "Site"))
    file = forms.FileField(
        label=t("表格文件", "Spreadsheet"),
        help_text=t(
            "先下载本场的表，填好“到场或缺考”再上传。",
            "Download the session's sheet, fill in present or absent, upload it.",
        ),
    )

    def __init__(
        self, *args: object, sessions: list[tuple[str, object]], sites: list[str], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer(self, "session", sessions)
        offer(self, "site", [(s, s) for s in sites])


CODE = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
CODE_HELP = t(
    "本人签名码，如 07-K4WP9T，每个只用一次", "A code of one's own sheet, 07-K4WP9T; each counts once"
)
SHEETS = ("used", "unused", "defective", "missing")
SHEET_NAMES = {
    "used": t("已用", "used"),
    "unused": t("未用", "unused"),
    "defective": t("残缺", "defective"),
    "missing": t("缺失", "missing"),
}


class CountForm(forms.Form):
    """What both invigilators and the point counted together, the seals put on, and three signatures."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, first: str, second: str, staff: Sequence[tuple[Any, Any]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for kind, name in (("papers", t("试卷", "Papers")), ("cards", t("答题卡", "Cards"))):
            for sheet in SHEETS:
                self.fields[f"{kind}_{sheet}"] = forms.IntegerField(
                    label=t("{kind}：{sheet}", "{kind} {sheet}").format(kind=name, sheet=SHEET_NAMES[sheet]),
                    min_value=0,
                    max_value=999,
                    initial=None if sheet in ("used", "unused") else 0,
                )
        for seal, name in (
            ("paper_seal", t("试卷袋新封条", "New seal, papers")),
            ("card_seal", t("答题卡袋新封条", "New seal, cards")),
        ):
            self.fields[seal] = forms.CharField(label=name, max_length=36, widget=forms.TextInput(attrs=CODE))
        self.fields["counter"] = forms.TypedChoiceField(
            label=t("考点清点人", "Counted along by (point)"),
            choices=[("", t("请选择", "Choose")), *staff],
            coerce=int,
        )
        for who, name in (
            ("first", first),
            ("second", second),
            ("counter", t("考点清点人", "the point's counter")),
        ):
            self.fields[f"{who}_code"] = forms.CharField(
                label=t("{name}的签名码", "Code of {name}").format(name=name),
                max_length=20,
                required=False,
                help_text=CODE_HELP if who == "first" else "",
                widget=forms.TextInput(attrs=CODE),
            )

    def sheets(self, kind: str) -> dict[str, int]:
        """ "papers" or "cards": how many of each fate."""
        return {sheet: self.cleaned_data[f"{kind}_{sheet}"] for sheet in SHEETS}
