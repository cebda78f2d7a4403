"""How lists of containers are narrowed, and which moment or span is asked about."""

from typing import Any

from django import forms

from keju.kernel.calendar import CHINA
from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.custody.queries.containers import Filters
from keju.stages.custody.queries.naming import KINDS, SPOTS
from keju.stages.custody.rules.watch import Span

MOMENT = {"type": "datetime-local"}
ANY = ("", t("全部", "All"))
SEALED = [ANY, ("yes", t("已封", "Sealed")), ("no", t("未封", "Open"))]
FROZEN = [ANY, ("yes", t("封存待查", "Frozen")), ("no", t("未封存", "Free"))]
BACKWARDS = t("结束要晚于开始。", "The end must be after the beginning.")
YES_NO = {"yes": True, "no": False}


class ContainerFilter(forms.Form):
    """Bound to the address; what does not fit narrows nothing."""

    q = forms.CharField(
        label=t("扫描或输入编号", "Scan or type a code"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=t("种类", "Kind"), required=False, choices=[ANY, *KINDS.items()])
    spot = forms.ChoiceField(label=t("地点", "Place"), required=False, choices=[ANY, *SPOTS.items()])
    session = forms.ChoiceField(label=t("场次", "Session"), required=False)
    office = forms.CharField(
        label=t("考区、考点或考试地点编号", "Region, point or site code"), required=False, max_length=10
    )
    sealed = forms.ChoiceField(label=t("封条", "Seal"), required=False, choices=SEALED)
    frozen = forms.ChoiceField(label=t("封存", "Frozen"), required=False, choices=FROZEN)
    place = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sessions: dict[int, Words], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "session", [ANY, *sessions.items()])

    def filters(self) -> Filters:
        self.is_valid()
        given = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return Filters(
            code=given["q"],
            kind=given["kind"],
            spot=given["spot"],
            place=given["place"],
            office=given["office"],
            session=int(given["session"]) if given["session"] else None,
            sealed=YES_NO.get(given["sealed"]),
            frozen=YES_NO.get(given["frozen"]),
        )


class MomentForm(forms.Form):
    at = forms.DateTimeField(label=t("时刻", "Moment"), widget=forms.DateTimeInput(attrs=MOMENT))


class SpanForm(forms.Form):
    since = forms.DateTimeField(label=t("从", "From"), widget=forms.DateTimeInput(attrs=MOMENT))
    until = forms.DateTimeField(label=t("到", "To"), widget=forms.DateTimeInput(attrs=MOMENT))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("since") and given.get("until") and given["since"] >= given["until"]:
            self.add_error("until", str(BACKWARDS))
        return given

    def span(self) -> Span:
        return Span(
            self.cleaned_data["since"].astimezone(CHINA), self.cleaned_data["until"].astimezone(CHINA)
        )
