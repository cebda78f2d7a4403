"""Posts: filters, who is appointed, what they answer, what they report."""

from collections.abc import Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook import Programme
from keju.rulebook.model import Post
from keju.rulebook.words import Words, t
from keju.stages.staffing.forms.people import ALL, SEARCH, Asked
from keju.stages.staffing.rules import CHECKS, PHASES

STATES = {
    "proposed": t("待邀请", "Not asked yet"),
    "invited": t("待答复", "Asked"),
    "accepted": t("已接受", "Accepted"),
    "declined": t("已谢绝", "Declined"),
    "ended": t("已结束", "Ended"),
}


class GapFilter(Asked):
    post = forms.ChoiceField(label=t("岗位", "Post"), required=False)
    place = forms.CharField(
        label=t("地点代码", "Place code"), required=False, max_length=20, widget=forms.TextInput(attrs=SEARCH)
    )
    all = forms.BooleanField(label=t("也显示已配齐的", "Also what is complete"), required=False)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = ((p.code, p.name) for p in programme.posts if p.quota)
        offer(self, "post", [("", ALL), *counted])


class AppointedFilter(Asked):
    state = forms.ChoiceField(label=t("状态", "State"), required=False, choices=[("", ALL), *STATES.items()])
    post = forms.ChoiceField(label=t("岗位", "Post"), required=False)
    q = forms.CharField(
        label=t("姓名", "Name"), required=False, max_length=80, widget=forms.TextInput(attrs=SEARCH)
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "post", [("", ALL), *((p.code, p.name) for p in programme.posts)])


class AppointForm(forms.Form):
    """Who is to fill a post at a place: `members` are offered, found by what was searched for."""

    member = forms.TypedChoiceField(label=t("人员", "Person"), coerce=int, widget=forms.RadioSelect)
    room = forms.IntegerField(label=t("考场号", "Room number"), min_value=1, max_value=9999, required=False)
    substitute = forms.BooleanField(label=t("作为替补", "As a substitute"), required=False)

    def __init__(self, *args: Any, post: Post, members: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "member", members)
        if post.quota is None or post.quota.per != "room":
            del self.fields["room"]


class PaperForm(forms.Form):
    scan = forms.FileField(
        label=t("签名的接受书（扫描件或照片）", "The signed acceptance (scan or photo)"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )


class ReplaceForm(forms.Form):
    member = forms.TypedChoiceField(label=t("接替者", "Instead"), coerce=int, widget=forms.RadioSelect)
    reason = forms.CharField(label=t("原因（会被记录）", "Reason (is recorded)"), max_length=300)

    def __init__(self, *args: Any, members: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "member", members)


class ReportForm(forms.Form):
    """What an inspector or a supervisor saw in one phase: each item in order or not, and words."""

    def __init__(self, *args: Any, phase: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phase = phase
        choices: list[tuple[str, Words]] = [
            ("", t("未查看", "Not looked at")), ("1", t("符合", "In order")), ("0", t("有问题", "Not in order")),
        ]  # fmt: skip
        for code, words in CHECKS[phase].items():
            self.fields[f"item_{code}"] = forms.ChoiceField(label=words, choices=choices, required=False)
        self.fields["text"] = forms.CharField(
            label=t("情况说明", "What you saw"),
            help_text=t(
                "有问题的，写明在哪里、什么问题、如何处理。",
                "What is not in order: where, what, and what was done.",
            ),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def items(self) -> dict[str, bool]:
        """Code → whether it is in order, of what was looked at."""
        looked = {
            key.removeprefix("item_"): value for key, value in self.cleaned_data.items() if key != "text"
        }
        return {code: value == "1" for code, value in looked.items() if value}


def phases() -> list[tuple[str, Words]]:
    return list(PHASES.items())
