"""What is typed in an implementation plan, and in a gap."""

from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.kernel.notices.attaching import AttachmentField
from keju.rulebook.words import t
from keju.stages.security.forms.finding_people import find_field
from keju.stages.security.forms.inspecting import SEVERITY


class PlanForm(forms.Form):
    """Title and text, or a file."""

    title = forms.CharField(label=t("方案名称", "Title"), max_length=120)
    text = forms.CharField(
        label=t("正文", "Text"),
        help_text=t(
            "按环节写：报名、考场、人员、试卷、考试日、应急、保障。",
            "By link: registration, rooms, people, papers, exam day, emergencies, support.",
        ),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    file = AttachmentField(t("方案文件", "File"))


class GapForm(forms.Form):
    """What is lacking, who mends it, by when."""

    words = forms.CharField(
        label=t("漏洞或不足", "What is lacking"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    severity = forms.ChoiceField(label=t("严重程度", "Severity"), choices=list(SEVERITY.items()))
    like = find_field()
    owner_id = forms.TypedChoiceField(label=t("责任人", "Who mends it"), coerce=int)
    due_on = forms.DateField(
        label=t("整改期限", "By"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, owners: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "owner_id", owners)
