"""What people type about emergency plans and drills."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.precautions import EmergencyKind, Partner
from keju.rulebook.words import t
from keju.stages.security.forms.finding_people import MANY, find_field

Choices = Sequence[tuple[Any, Any]]
DRILL_STATES = {
    "planned": t("未开始", "Not begun"),
    "running": t("进行中", "Running"),
    "paused": t("暂停", "Paused"),
    "done": t("已结束", "Over"),
    "cancelled": t("已取消", "Cancelled"),
}
PLAN_STATES = {
    "draft": t("草稿", "Draft"),
    "proposed": t("待领导批准", "Waits for the leader"),
    "approved": t("现行", "In force"),
    "superseded": t("已被替代", "Superseded"),
}


class PlanForm(forms.Form):
    """One plan: what is done, and a name and a telephone at every partner."""

    measures = forms.CharField(
        label=t("处置措施", "What is done"), max_length=4000, widget=forms.Textarea(attrs={"rows": 8})
    )

    def __init__(
        self,
        *args: Any,
        kind: EmergencyKind,
        partners: dict[str, Partner],
        contacts: dict[str, dict[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measures"].help_text = str(kind.outline)
        self.kind = kind
        for code in kind.partners:
            known = contacts.get(code, {})
            name = partners[code].name
            self.fields[f"name-{code}"] = forms.CharField(
                label=t("{who}：联系人", "{who}: contact").format(who=name),
                max_length=80,
                required=False,
                initial=known.get("name", ""),
            )
            self.fields[f"phone-{code}"] = forms.CharField(
                label=t("{who}：电话", "{who}: telephone").format(who=name),
                max_length=40,
                required=False,
                initial=known.get("phone", ""),
                widget=forms.TextInput(attrs={"type": "tel"}),
            )

    def contacts(self) -> dict[str, dict[str, str]]:
        """Partner → name and telephone, as typed."""
        given = self.cleaned_data
        return {
            code: {"name": given[f"name-{code}"].strip(), "phone": given[f"phone-{code}"].strip()}
            for code in self.kind.partners
        }


class DrillForm(forms.Form):
    offices = forms.MultipleChoiceField(label=t("演练单位", "Offices"), widget=forms.CheckboxSelectMultiple)
    kinds = forms.MultipleChoiceField(
        label=t("演练的突发事件", "Emergencies"), widget=forms.CheckboxSelectMultiple
    )
    scenario = forms.CharField(
        label=t("情景", "Scenario"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    planned_at = forms.DateTimeField(
        label=t("开始时间", "Begins"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *args: Any, offices: Choices, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "offices", offices)
        offer(self, "kinds", kinds)


class NoteForm(forms.Form):
    kind = forms.ChoiceField(
        label=t("记什么", "What it is"),
        choices=[("step", t("步骤", "A step")), ("observed", t("观察", "Something observed"))],
        widget=forms.RadioSelect,
        initial="step",
    )
    words = forms.CharField(label=t("内容", "What happened"), max_length=500)


class JoinForm(forms.Form):
    """Everybody of some posts, and single people."""

    posts = forms.MultipleChoiceField(
        label=t("这些岗位的全体人员", "Everybody who holds"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    like = find_field()
    people = forms.MultipleChoiceField(
        label=t("其他参加的人", "Others who took part"),
        help_text=MANY,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        required=False,
    )

    def __init__(self, *args: Any, posts: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "posts", posts)
        offer(self, "people", people)
        if not posts:
            del self.fields["posts"]
