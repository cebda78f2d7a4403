"""What a board is narrowed to."""

from typing import Any

from django import forms

from keju.kernel.readiness.boards import Filters
from keju.kernel.readiness.registry import MUST, PRINCIPLE
from keju.rulebook.stages import STAGE_NAMES
from keju.rulebook.words import t

EVERYTHING = ("", t("全部", "All"))
STATES = [EVERYTHING, ("open", t("红和黄", "Red and amber")), ("red", t("只看红", "Only red"))]
STRENGTHS = [EVERYTHING, (MUST, t("必须", "Must")), (PRINCIPLE, t("原则上", "In principle"))]


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
