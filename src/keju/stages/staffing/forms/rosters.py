"""What is typed for rosters, and how their lists are narrowed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from keju.kernel.exams.choosing import offer
from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words, t
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.directory import LEADER
from keju.stages.staffing.queries.rosters import Eligible, Made

PHONE = RegexValidator(
    r"^[0-9+() -]{3,30}\Z", t("电话只能有数字、空格和横线。", "Digits, blanks and dashes only.")
)
MOMENT = {"type": "datetime-local"}
PERSON = t("{name}（{post}，{hours}小时{why}）", "{name} ({post}, {hours} h{why})")
UNFIT: dict[str, Words] = {
    "keys": t("保管钥匙", "keeps a key"),
    "blocked": t("回避中", "barred"),
    "untrained": t("未培训", "not trained"),
    "casual": t("非正式职工", "not permanent"),
}


def _moment(label: Words, **facts: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **facts)


class OpenForm(forms.Form):
    kind = forms.ChoiceField(label=t("哪种表", "Which roster"))
    office = forms.CharField(
        label=t("单位代码", "Office code"),
        help_text=t(
            "本单位或下属单位。填“*”表示所有适用的下属单位。",
            "Your office or one below. “*”: every one below that keeps it.",
        ),
        max_length=10,
    )

    def __init__(self, *args: Any, exam: Exam, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", [(k.code, k.name) for k in queries.kinds(exam)])


class ShiftForm(forms.Form):
    """One shift. Who is unfit is listed with the reason, so that nobody searches in vain."""

    member = forms.TypedChoiceField(label=t("谁", "Who"), coerce=int)
    starts_at = _moment(t("开始", "From"))
    ends_at = _moment(t("结束", "Until"))
    place = forms.CharField(label=t("地点", "Place"), max_length=80, required=False)
    phone = forms.CharField(
        label=t("值班电话", "Duty phone"),
        help_text=t("空着则用本人电话。", "Empty: their own number."),
        max_length=30,
        required=False,
        validators=[PHONE],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, made: Made, people: Sequence[Eligible], posts: dict[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—")]
        for p in people:
            why = t("，{why}", ", {why}").format(why=UNFIT.get(p.unfit, p.unfit)) if p.unfit else ""
            facts = {
                "name": p.name,
                "post": posts.get(p.post, p.post),
                "hours": f"{p.minutes / 60:g}",
                "why": why,
            }
            choices.append((str(p.member_id), str(PERSON.format(**facts))))
        offer(self, "member", choices)
        if made.kind.by_floor:
            self.fields["place"] = forms.ChoiceField(
                label=t("楼层", "Floor"), choices=[(f, f) for f in made.floors]
            )


class HoursForm(forms.Form):
    starts_at = _moment(t("从", "From"))
    ends_at = _moment(t("至", "Until"))


class SheetForm(forms.Form):
    file = forms.FileField(label=t("值守表（xlsx、csv）", "Roster (xlsx, csv)"))


class ProposeForm(forms.Form):
    """How the program is to propose: `seed` gives another fair one, `afresh` forgets what stands."""

    seed = forms.IntegerField(min_value=1, max_value=999, initial=1, required=False)
    afresh = forms.BooleanField(
        label=t("全部重排（不保留已有的班次）", "From scratch (what stands now goes)"), required=False
    )

    def asked(self) -> tuple[int, bool]:
        self.is_valid()
        return self.cleaned_data.get("seed") or 1, bool(self.cleaned_data.get("afresh"))


class PublishForm(forms.Form):
    reason = forms.CharField(
        label=t("变动原因（再次发布时必填）", "Why it changes (for a further version)"),
        max_length=300,
        required=False,
    )


class RosterFilter(forms.Form):
    kind = forms.ChoiceField(label=t("种类", "Kind"), required=False)
    office = forms.CharField(label=t("单位代码", "Office code"), required=False, max_length=10)

    def __init__(self, *args: Any, exam: Exam, leaders: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first: list[tuple[str, Any]] = [("", t("全部", "All"))]
        first += [(LEADER, t("负责人", "Responsible persons"))] if leaders else []
        offer(self, "kind", [*first, *((k.code, k.name) for k in queries.kinds(exam))])

    def asked(self) -> dict[str, str]:
        """The filters that are valid; everything else is as if not given."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields if name != "moment"}


class DirectoryFilter(RosterFilter):
    q = forms.CharField(label=t("姓名", "Name"), required=False, max_length=40)
    field_order = ("q", "kind", "office")


class NowFilter(RosterFilter):
    moment = _moment(t("什么时候", "When"), required=False)
