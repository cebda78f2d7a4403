"""What is typed of a journey: what is vouched for when it leaves, and what is heard of it."""

from typing import Any
from uuid import uuid4

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.custody.rules.journeys import (
    ATTESTED,
    AUTHORITIES,
    TO_ATTEST,
    Leg,
    Mode,
)

MODES = {
    Mode.ROAD: t("公路押运", "Escort by road"),
    Mode.TRAIN: t("火车押运", "Escort by train"),
    Mode.POST: t("机要寄递", "Confidential post"),
    Mode.AIR: t("空运携带（须中心批准）", "By air (needs the centre's approval)"),
}
STATES: dict[str, tuple[str, Words]] = {
    "draft": ("none", t("草稿", "Draft")),
    "proposed": ("soon", t("待批准", "Waiting for approval")),
    "settled": ("open", t("已定，未出发", "Settled, not left")),
    "under_way": ("soon", t("在途", "Under way")),
    "arrived": ("done", t("已到达", "Arrived")),
    "cancelled": ("none", t("已取消", "Cancelled")),
}
LEGS = {
    Leg.TO_REGION: t("中心至考区", "Centre to region"),
    Leg.TO_POINT: t("考区至考点", "Region to point"),
    Leg.TO_SITE: t("考点至考试地点", "Point to site"),
    Leg.BACK: t("送回上级", "Back up"),
}
KINDS = {
    "report": t("平安报告", "All is well"),
    "stop": t("停车", "A stop"),
    "trouble": t("遇到问题", "Trouble"),
    "solved": t("问题已解决", "Trouble solved"),
    "route_asked": t("请求变更路线", "Ask for another route"),
}
ENTRY_WORDS = {
    **KINDS,
    "departed": t("出发", "Left"),
    "told": t("已报告", "Told"),
    "route_changed": t("经同意变更路线", "Route changed with consent"),
    "arrived": t("到达", "Arrived"),
}
TOLD = {
    "veterinary": t("兽医主管部门", "Veterinary authority"),
    "police": t("公安部门", "Police"),
    "secrecy": t("保密部门", "Secrecy authority"),
}
assert set(TOLD) == set(AUTHORITIES)


def long_text(label: Words, most: int = 500, **facts: Any) -> forms.CharField:
    """Two lines for what somebody may have to say."""
    return forms.CharField(
        label=label, required=False, max_length=most, widget=forms.Textarea(attrs={"rows": 2}), **facts
    )


def key_field() -> forms.UUIDField:
    """The operation's id, made with the form: sent twice it is done once."""
    return forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class DepartForm(forms.Form):
    key = key_field()
    attested = forms.MultipleChoiceField(
        label=t("出发前确认", "Confirm before leaving"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, mode: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = TO_ATTEST[Mode(mode)]
        if codes:
            offer(self, "attested", [(code, ATTESTED[code]) for code in codes])
        else:
            del self.fields["attested"]


class ArriveForm(forms.Form):
    key = key_field()


class EntryForm(forms.Form):
    """Something heard from the way. Position and time are the browser's where it gives them."""

    key = key_field()
    kind = forms.ChoiceField(
        label=t("报告什么", "What"), choices=list(KINDS.items()), widget=forms.RadioSelect, initial="report"
    )
    words = long_text(t("情况", "What happened"))
    route = forms.CharField(label=t("要改走的路线", "The route asked for"), required=False, max_length=500)
    lat = forms.DecimalField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lng = forms.DecimalField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)

    def facts(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if data["lat"] is None or data["lng"] is None:
            data["lat"] = data["lng"] = None
        return data


class ToldForm(forms.Form):
    key = key_field()
    told = forms.ChoiceField(label=t("已向谁报告", "Who was told"), choices=list(TOLD.items()))
    words = forms.CharField(label=t("由谁、怎样报告", "By whom and how"), required=False, max_length=300)


class RouteForm(forms.Form):
    key = key_field()
    route = long_text(t("改走的路线", "The route taken instead"))
    reason = forms.CharField(label=t("原因", "Because of"), required=False, max_length=300)
    code = forms.CharField(
        label=t("发出方负责人本人的动态码或签字码", "Code of who answers for this journey, their own"), max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "code"}),
    )  # fmt: skip


class JourneyFilter(forms.Form):
    state = forms.ChoiceField(label=t("状态", "State"), required=False)
    leg = forms.ChoiceField(label=t("程", "Leg"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        every = ("", t("全部", "All"))
        offer(self, "state", [every, *((k, w) for k, (_, w) in STATES.items())])
        offer(self, "leg", [every, *LEGS.items()])

    def chosen(self) -> dict[str, str]:
        """What was asked for; what does not fit is left aside."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("state", "leg")}
