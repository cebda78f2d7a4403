"""What a host and a region type."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from keju.algorithms.siting import Point, Wishes
from keju.kernel.exams.choosing import offer
from keju.kernel.exams.models import Exam, Opening
from keju.rulebook.words import Words, t
from keju.stages.venues import queries
from keju.stages.venues.rules import EXAM, FRONT_RIGHT, NewRoom, Question
from keju.stages.venues.services.importing import DOOR_WORDS, KIND_WORDS

HOSTS, HOSTS_NOT = "host", "not"
SETTLED = {
    "": t("由系统建议", "As proposed"),
    HOSTS: t("必须承考", "Must host"),
    HOSTS_NOT: t("不承考", "Must not host"),
}


class SiteForm(forms.Form):
    name_zh = forms.CharField(label=t("名称（中文）", "Name (Chinese)"), max_length=80)
    name_en = forms.CharField(label=t("名称（英文）", "Name (English)"), max_length=120, required=False)
    address = forms.CharField(label=t("地址", "Address"), max_length=200)
    transport = forms.CharField(
        label=t("交通", "Transport"),
        help_text=t(
            "公交、地铁站和出口，停车。考生在准考证和考点页面上看到。",
            "Stops and exits, parking. Candidates see it on the ticket and on the site's page.",
        ),
        max_length=200,
        required=False,
    )
    food = forms.CharField(label=t("餐饮", "Food"), max_length=200, required=False)
    lodging = forms.CharField(label=t("住宿", "Lodging"), max_length=200, required=False)
    surroundings = forms.CharField(
        label=t("其他说明", "Anything else"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    contact = forms.CharField(label=t("联系人", "Contact"), max_length=80, required=False)
    phone = forms.CharField(label=t("电话", "Telephone"), max_length=40, required=False)
    standard = forms.TypedChoiceField(label=t("标准考场人数", "Candidates in a standard room"), coerce=int)

    def __init__(self, *args: object, exam: Exam, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer(self, "standard", [(n, n) for n in queries.standards(exam)])


class RoomForm(forms.Form):
    number = forms.IntegerField(label=t("房间号", "Room number"), min_value=1, max_value=9999)
    kind = forms.ChoiceField(label=t("用途", "Use"), choices=list(KIND_WORDS.items()), initial=EXAM)
    name = forms.CharField(label=t("名称", "Name"), max_length=40, required=False)
    building = forms.CharField(label=t("楼栋", "Building"), max_length=40)
    floor = forms.IntegerField(label=t("楼层", "Floor"), min_value=-5, max_value=99)
    columns = forms.IntegerField(label=t("列数", "Columns"), min_value=0, max_value=40, required=False)
    rows = forms.IntegerField(
        label=t("每列桌数", "Desks per column"), min_value=0, max_value=40, required=False
    )
    gap_cm = forms.IntegerField(
        label=t("列间距（厘米）", "Gap between columns (cm)"), min_value=0, max_value=999, required=False
    )
    stair = forms.CharField(
        label=t("最近的楼梯", "Nearest stairway"),
        help_text=t(
            "同一楼梯每次写法相同，如“东楼梯”。",
            "Write the same stairway the same way each time, as “east stairs”.",
        ),
        max_length=40,
        required=False,
    )
    door = forms.ChoiceField(
        label=t("门的位置", "Door"),
        help_text=t("面向考生看。", "As one faces the candidates."),
        choices=list(DOOR_WORDS.items()),
        initial=FRONT_RIGHT,
        required=False,
    )
    step_free = forms.BooleanField(label=t("无台阶可达", "Reached without steps"), required=False)
    cameras = forms.BooleanField(label=t("有电子监控", "Under camera surveillance"), required=False)
    gaokao = forms.BooleanField(label=t("高考考场", "Room of the college-entrance exam"), required=False)

    def room(self) -> NewRoom:
        """What was typed; rooms without desks have none."""
        facts = {**self.cleaned_data}
        for name in ("columns", "rows", "gap_cm"):
            facts[name] = facts[name] or 0
        facts["door"] = facts["door"] or FRONT_RIGHT
        return NewRoom(**facts)


class SettledForm(forms.Form):
    """What the region settles before a proposal: for each point whether it hosts, and how many it can hold."""

    longer = forms.BooleanField(
        label=t("在后台多找一会儿（最多一分钟）", "Search longer, in the background (a minute at most)"),
        help_text=t(
            "一般不需要：各省的最优安排一秒内就能算出。",
            "Rarely needed: the best for a province is found within a second.",
        ),
        required=False,
    )

    def __init__(self, *args: object, question: Question, names: Mapping[str, Words]) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.points = list(question.points)
        others = [
            (code, t("到{name}考试", "Goes to {name}").format(name=name)) for code, name in names.items()
        ]
        for point in self.points:
            name = names[point.code]
            self.fields[f"settle-{point.code}"] = forms.ChoiceField(
                label=t("{name}是否承考", "Whether {name} hosts").format(name=name),
                choices=[*SETTLED.items(), *(o for o in others if o[0] != point.code)],
                initial=_settled(point.code, question.wishes),
                required=False,
            )
            self.fields[f"seats-{point.code}"] = forms.IntegerField(
                label=t("{name}最多能坐多少人", "Places in {name}").format(name=name),
                initial=point.seats,
                min_value=0,
                max_value=99_999,
                required=False,
            )

    def rows(self) -> list[tuple[Point, forms.BoundField, forms.BoundField]]:
        """Each point with its two fields."""
        return [(p, self[f"settle-{p.code}"], self[f"seats-{p.code}"]) for p in self.points]

    def wishes(self) -> Wishes:
        """What was settled."""
        chosen = {p.code: self.cleaned_data[f"settle-{p.code}"] for p in self.points}
        return Wishes(
            frozenset(code for code, said in chosen.items() if said == HOSTS),
            frozenset(code for code, said in chosen.items() if said == HOSTS_NOT),
            {code: said for code, said in chosen.items() if said.isdigit()},
        )

    def seats(self) -> dict[str, int]:
        """Places where they were entered."""
        found = {p.code: self.cleaned_data[f"seats-{p.code}"] for p in self.points}
        return {code: n for code, n in found.items() if n is not None}


def _settled(code: str, wishes: Wishes) -> str:
    if code in wishes.must:
        return HOSTS
    return HOSTS_NOT if code in wishes.barred else wishes.sent.get(code, "")


class ImportForm(forms.Form):
    file = forms.FileField(label=t("表格文件（xlsx、xls、ods、csv）", "Spreadsheet (xlsx, xls, ods, csv)"))


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=t("理由", "Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class CheckForm(forms.Form):
    """An entry of a checklist; photos come beside it, several at a time."""

    settled = forms.TypedChoiceField(
        label=t("检查结果", "What you found"),
        choices=[("1", t("符合要求", "As it should be")), ("0", t("有问题", "Something is wrong"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=t("说明", "Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class PictureForm(forms.Form):
    file = forms.FileField(
        label=t("照片或平面图（JPEG、PNG）", "Photo or plan (JPEG, PNG)"),
        help_text=t(
            "考生在考试地点页面上看到，请不要拍到人脸。",
            "Candidates see it on the site's page. Leave out faces.",
        ),
    )


class PlaceForm(forms.Form):
    """Which exam place is looked for; what does not fit is left aside."""

    region = forms.ChoiceField(label=t("考区", "Region"), required=False)
    q = forms.CharField(
        label=t("学校、地址或编号", "School, address or code"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def __init__(self, *args: Any, regions: Sequence[Opening], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", t("全部", "All")), *((o.office_id, o.office.name) for o in regions)]
        offer(self, "region", choices)
        self.is_valid()

    def asked(self, name: str) -> str:
        """What was asked under this name, if it can be."""
        return str(self.cleaned_data.get(name, "")).strip()
