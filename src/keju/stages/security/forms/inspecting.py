"""What people type about inspections and findings."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.security.forms.finding_people import MANY, find_field

OUTCOMES = [
    ("right", t("符合", "As it should be")),
    ("wrong", t("有问题", "Something is wrong")),
    ("absent", t("不适用", "Not applicable")),
]
SEVERITY = {"grave": t("严重", "Grave"), "major": t("较重", "Major"), "minor": t("一般", "Minor")}
LATEST = t(
    "不填则取最长期限：严重{grave}，较重{major}，一般{minor}。",
    "Left empty, the latest: grave {grave}, major {major}, minor {minor}.",
)
INSPECTION_STATES = {
    "planned": t("待检查", "Planned"),
    "begun": t("检查中", "Under way"),
    "done": t("已完成", "Done"),
    "cancelled": t("已取消", "Cancelled"),
}
FINDING_STATES = {
    "open": t("整改中", "To be mended"),
    "mended": t("待复查", "To be looked at again"),
    "closed": t("已销号", "Closed"),
}
Choices = Sequence[tuple[Any, Any]]


def day_field(label: Words, **facts: Any) -> forms.DateField:
    """A day, picked from the browser's own calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **facts)


class PlanForm(forms.Form):
    checklist = forms.ChoiceField(label=t("检查表", "Checklist"))
    offices = forms.MultipleChoiceField(
        label=t("被检查的单位", "Offices to inspect"), widget=forms.CheckboxSelectMultiple
    )
    planned_on = day_field(t("检查日期", "Day"))
    like = find_field()
    team = forms.MultipleChoiceField(
        label=t("检查组成员", "Team"), help_text=MANY, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    note = forms.CharField(label=t("备注", "Note"), max_length=300, required=False)

    def __init__(self, *args: Any, lists: Choices, places: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("checklist", lists), ("offices", places), ("team", people)):
            offer(self, name, choices)


class AnswerForm(forms.Form):
    """One item. What stands under "wrong" makes a finding."""

    outcome = forms.ChoiceField(label=t("结果", "Result"), choices=OUTCOMES, widget=forms.RadioSelect)
    note = forms.CharField(label=t("说明", "Note"), max_length=500, required=False)


class FindingForm(forms.Form):
    """What is wrong, how much, whose it is, and by when; a day left out is the last that its severity allows."""

    words = forms.CharField(
        label=t("问题", "What is wrong"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    severity = forms.ChoiceField(label=t("严重程度", "Severity"), choices=list(SEVERITY.items()))
    owner_code = forms.ChoiceField(label=t("责任单位", "Office that mends it"))
    owner = forms.ChoiceField(label=t("责任人", "Person"), required=False)
    due_on = day_field(t("整改期限", "To be mended by"), required=False)

    def __init__(
        self, *args: Any, offices: Choices, people: Choices, latest: Mapping[str, date], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.latest = latest
        offer(self, "owner_code", offices)
        offer(self, "owner", [("", t("请选择", "Choose")), *people])
        said = {code: f"{day:%m-%d}" for code, day in latest.items()}
        self.fields["due_on"].help_text = LATEST.format(**said)  # type: ignore[assignment]

    def clean_due_on(self) -> date | None:
        given: date | None = self.cleaned_data["due_on"]
        return given or self.latest.get(self.cleaned_data.get("severity", ""))


class StepForm(forms.Form):
    """What was done, or seen when looked at again."""

    note = forms.CharField(
        label=t("说明", "What was done or seen"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ExtendForm(StepForm):
    due_on = day_field(t("新的期限", "New day"))


class InspectionFilter(forms.Form):
    state = forms.ChoiceField(label=t("状态", "State"), required=False)
    checklist = forms.ChoiceField(label=t("检查表", "Checklist"), required=False)
    office = forms.CharField(label=t("单位代码", "Office code"), max_length=7, required=False)
    late = forms.BooleanField(label=t("只看逾期", "Late only"), required=False)

    def __init__(self, data: Any, lists: Choices) -> None:
        super().__init__(data)
        every = ("", t("全部", "All"))
        offer(self, "state", [every, *INSPECTION_STATES.items()])
        offer(self, "checklist", [every, *lists])


class FindingFilter(forms.Form):
    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[("", t("全部", "All")), ("unclosed", t("未销号", "Not closed")), *FINDING_STATES.items()],
    )
    severity = forms.ChoiceField(
        label=t("严重程度", "Severity"), required=False, choices=[("", t("全部", "All")), *SEVERITY.items()]
    )
    office = forms.CharField(label=t("单位代码", "Office code"), max_length=7, required=False)
    late = forms.BooleanField(label=t("只看逾期", "Late only"), required=False)


def facts_of(form: forms.Form, today: date) -> dict[str, Any]:
    """The filters as the queries take them; what does not fit is left aside."""
    form.is_valid()
    return {**form.cleaned_data, "today": today}
