"""What a board is narrowed to."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.kernel.readiness.gates import Obstacle
from keju.kernel.readiness.registry import MUST, PRINCIPLE
from keju.kernel.readiness.rules import LONGEST
from keju.kernel.readiness.showing import Filters
from keju.rulebook.stages import STAGE_NAMES
from keju.rulebook.words import t

EVERYTHING = ("", t("全部", "All"))
STATES = [EVERYTHING, ("open", t("红和黄", "Red and amber")), ("red", t("只看红", "Only red"))]
STRENGTHS = [EVERYTHING, (MUST, t("必须", "Must")), (PRINCIPLE, t("原则上", "In principle"))]


class OverrideForm(forms.Form):
    """Which clauses the leader lets pass at a site, why, and who they are."""

    rules = forms.MultipleChoiceField(
        label=t("特批放行的条款", "Clauses overridden"), widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=t("理由", "Why"),
        help_text=t("会一直显示在准备情况上。", "It stays on the board for ever."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    code = forms.CharField(
        label=t("动态码或签字码", "Code of your device, or of your signing sheet"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, obstacles: Sequence[Obstacle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = t("{rule} {title}：{missing}", "{rule} {title}: {missing}")
        said = ((o.rule, words.format(rule=o.rule, title=o.title, missing=o.missing)) for o in obstacles)
        offer(self, "rules", said)


class FilterForm(forms.Form):
    """Kept in the address. A value that makes no sense is taken as none."""

    state = forms.ChoiceField(label=t("状态", "State"), required=False, choices=STATES)
    stage = forms.ChoiceField(
        label=t("阶段", "Stage"), required=False, choices=[EVERYTHING, *STAGE_NAMES.items()]
    )
    strength = forms.ChoiceField(label=t("要求", "Strength"), required=False, choices=STRENGTHS)
    rule = forms.CharField(label=t("条款", "Clause"), required=False, max_length=12)

    def filters(self) -> Filters:
        self.is_valid()
        cleaned: dict[str, Any] = getattr(self, "cleaned_data", {})
        return Filters(**{key: value for key, value in cleaned.items() if value})
