"""What is typed of a case."""

import re
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.custody.forms.journey_plans import MOMENT, Choices
from keju.stages.custody.forms.journeys import key_field, long_text
from keju.stages.custody.queries.naming import SORT_NAMES
from keju.stages.custody.rules.cases import SORTS, STEPS_OF, CaseKind, Sort
from keju.stages.custody.rules.containers import read_code

MOST = 200  # containers of one case
KIND_OF = {sort: kind for kind, sorts in SORTS.items() for sort in sorts}
KINDS = {
    CaseKind.DAMAGE: t("破损", "Damage"),
    CaseKind.INCIDENT: t("短少、失窃、损毁、泄密", "Missing, theft, loss, leak"),
    CaseKind.KEY: t("钥匙遗失", "Lost key"),
}
REPORTED = [
    sort for sort in Sort if KIND_OF[sort] is not CaseKind.KEY
]  # a lost key is entered in the register of keys
STATES: dict[str, tuple[str, Words]] = {
    "reported": ("late", t("已报告，待指示", "Reported, waits for instruction")),
    "instructed": ("soon", t("已指示，待处理", "Instructed, to be treated")),
    "treated": ("soon", t("已处理，待报中心", "Treated, to be reported up")),
    "closed": ("done", t("已结案", "Closed")),
}
SIGNERS = 3


class ReportForm(forms.Form):
    """What was found. Photos are received beside it, bounded. `exception`: of a handover, that the case is about."""

    key = key_field()
    exception = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    sort = forms.ChoiceField(
        label=t("发现什么", "What was found"), choices=[(s, SORT_NAMES[s]) for s in REPORTED], widget=forms.RadioSelect
    )  # fmt: skip
    codes = long_text(
        t("箱袋编码（扫描或输入，一行一个）", "Codes of the containers (scan or type, one a line)"), 4000,
        help_text=t("失窃、泄密而不知道是哪一袋的，可以不填", "May be left out while it is not known which one it was"),
    )  # fmt: skip
    words = long_text(t("情况", "What happened"))
    exposed = forms.BooleanField(label=t("试题可能被人看到", "Questions may have been seen"), required=False)

    def codes_typed(self) -> tuple[list[str], list[str]]:
        """(codes in their one form, what is none)."""
        found = [
            (text, read_code(text)) for text in re.split(r"[\s,，、;；]+", self.cleaned_data["codes"]) if text
        ][:MOST]
        return [code for _, code in found if code], [text[:20] for text, code in found if not code]


class WordsForm(forms.Form):
    """An instruction, or findings."""

    words = long_text(t("指示", "Instruction"))


class FindingsForm(forms.Form):
    words = long_text(t("调查结论", "Findings"))
    release = forms.BooleanField(label=t("有关箱袋解除封存", "The containers are free again"), required=False)


class UpForm(forms.Form):
    cause = long_text(t("原因", "Cause"))
    handling = long_text(t("处理情况", "How it was handled"))


class StepForm(forms.Form):
    step = forms.ChoiceField(label=t("步骤", "Step"))
    words = forms.CharField(
        label=t("向谁报告、由谁办理", "Who was told, who did it"), max_length=300, required=False
    )
    happened_at = forms.DateTimeField(
        label=t("办理时间（不填为现在）", "When (empty: now)"),
        required=False,
        widget=forms.DateTimeInput(attrs=MOMENT),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "step", list(STEPS_OF[CaseKind(kind)].items()))


COMPANION = t("陪同的纪检监察人员", "Discipline officer with them")


def companion_field(choices: Choices) -> forms.TypedChoiceField:
    """A discipline officer of the register."""
    return forms.TypedChoiceField(
        label=COMPANION, coerce=int, empty_value=None, required=False,
        choices=[("", t("请选择", "Choose")), *choices],
        help_text=t("从本单位和上级在任的纪检监察人员中选择", "Of those in force at this office and above"),
    )  # fmt: skip


class IsolateForm(forms.Form):
    name = forms.CharField(label=t("被隔离人员", "Person kept apart"), max_length=80, required=False)
    place = forms.CharField(label=t("住宿地点", "Where they are housed"), max_length=200, required=False)
    devices = forms.CharField(
        label=t("收缴的通讯设备（没有写“无”）", "Devices handed in (“none” if none)"),
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, companions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["companion_id"] = companion_field(companions)
        self.order_fields(["name", "companion_id"])


class RelieveForm(forms.Form):
    """Another companion takes over from the one who is there."""

    isolation_id = forms.TypedChoiceField(label=t("被隔离人员", "Person kept apart"), coerce=int)

    def __init__(self, *args: Any, isolated: Choices, companions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "isolation_id", isolated)
        self.fields["companion_id"] = companion_field(companions)


class TreatForm(forms.Form):
    """A new seal for each container, and everybody who treated it with a code of their own."""

    words = long_text(t("处理情况", "What was done"))
    stamped = forms.BooleanField(label=t("已骑缝盖章", "Stamped across the seam"), required=False)

    def __init__(self, *args: Any, containers: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.containers = [pk for pk, _ in containers]
        for pk, code in containers:
            label = t(
                "{code} 的新封条号（白纸封口的写编号）", "New seal of {code} (number of the paper, if paper)"
            ).format(code=code)
            self.fields[f"seal{pk}"] = forms.CharField(label=label, max_length=40, required=False)
        for n in range(1, SIGNERS + 1):
            who = t("处理人{n}", "Treated by ({n})").format(n=n)
            self.fields[f"person{n}"] = forms.TypedChoiceField(
                label=who,
                coerce=int,
                empty_value=None,
                required=False,
                choices=[("", t("请选择", "Choose")), *people],
            )
            code = t("处理人{n}的签字码", "Their signing code ({n})").format(n=n)
            self.fields[f"code{n}"] = forms.CharField(
                label=code,
                max_length=16,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "code"}),
            )

    def seals(self) -> dict[int, str]:
        return {pk: self.cleaned_data[f"seal{pk}"] for pk in self.containers}

    def signers(self) -> list[tuple[int, str]]:
        data = self.cleaned_data
        return [(data[f"person{n}"], data[f"code{n}"]) for n in range(1, SIGNERS + 1) if data[f"person{n}"]]


class CaseFilter(forms.Form):
    state = forms.ChoiceField(label=t("状态", "State"), required=False)
    kind = forms.ChoiceField(label=t("种类", "Kind"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        every = ("", t("全部", "All"))
        states = [
            every,
            ("open", t("未结案", "Not closed")),
            *((k, w) for k, (_, w) in STATES.items()),
        ]
        offer(self, "state", states)
        offer(self, "kind", [every, *KINDS.items()])

    def chosen(self) -> dict[str, str]:
        """What was asked for; what does not fit is left aside."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("state", "kind")}
