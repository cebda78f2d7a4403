"""What is typed about stores: what they are, who answers for them, keys, entries, the day, and watching."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.kernel.files.scans import ACCEPT
from keju.rulebook.words import Words, t
from keju.stages.custody.forms.journeys import key_field
from keju.stages.custody.queries.store_names import HOSTS, KEY_ACTS, LOCKS, MEANS, PURPOSES, ROLES
from keju.stages.custody.queries.stores import Candidate
from keju.stages.custody.rules.stores import NewStore

NOBODY: tuple[str, Words] = ("", t("（不填）", "(nobody)"))
DAY = {"type": "date"}
MOMENT = {"type": "datetime-local"}


def _scan(label: Words) -> forms.FileField:
    return forms.FileField(label=label, required=False, widget=forms.FileInput(attrs={"accept": ACCEPT}))


def _moment(label: Words) -> forms.DateTimeField:
    return forms.DateTimeField(label=label, widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"))


class StoreForm(forms.Form):
    """A store as it is entered or changed."""

    name = forms.CharField(label=t("名称", "Name"), max_length=80)
    address = forms.CharField(label=t("地址", "Address"), max_length=200)
    host_kind = forms.ChoiceField(
        label=t("自有或租用", "Own or rented"), choices=list(HOSTS.items()), required=False
    )
    host_name = forms.CharField(label=t("出租单位", "Whose it is"), max_length=120, required=False)
    reason = forms.CharField(
        label=t("不选教育、卫生、人事考试机构的理由", "Why none of the preferred bodies"),
        max_length=300,
        required=False,
    )
    remote = forms.BooleanField(label=t("边远地方", "A remote place"), required=False)

    def new(self) -> NewStore:
        return NewStore(**{name: self.cleaned_data[name] for name in StoreForm.base_fields})


class EnterForm(StoreForm):
    office = forms.CharField(label=t("单位代码", "Office code"), max_length=4)
    field_order = ("office",)


class ChangeForm(StoreForm):
    lease = _scan(t("租赁协议扫描件", "Scan of the lease"))
    agreement = _scan(t("保密协议扫描件", "Scan of the secrecy agreement"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class AcceptForm(forms.Form):
    authority = forms.CharField(label=t("验收的保密行政管理部门", "Secrecy authority"), max_length=120)
    accepted_on = forms.DateField(
        label=t("验收日期", "Accepted on"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    scan = forms.FileField(
        label=t("验收合格证明扫描件", "Scan of the proof"), widget=forms.FileInput(attrs={"accept": ACCEPT})
    )


class _Choosing(forms.Form):
    """Somebody of the office is chosen, by name and posts."""

    def __init__(
        self, *args: Any, people: Iterable[Candidate], posts: dict[str, Words], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(c.person_id, _said(c, posts)) for c in people]
        offer(self, "person", [NOBODY, *choices])


def _said(one: Candidate, posts: dict[str, Words]) -> str:
    named = str(t("、", ", ")).join(str(posts.get(p, p)) for p in one.posts)
    return str(t("{name}（{posts}）", "{name} ({posts})").format(name=one.name, posts=named))


class NameForm(_Choosing):
    role = forms.ChoiceField(label=t("作为", "As"), choices=list(ROLES.items()))
    person = forms.TypedChoiceField(label=t("谁", "Who"), coerce=int)


class KeyForm(_Choosing):
    lock = forms.ChoiceField(label=t("锁", "Lock"), choices=list(LOCKS.items()))
    label = forms.CharField(label=t("钥匙编号", "Label of the key"), max_length=20, initial="1")
    act = forms.ChoiceField(label=t("办理", "What"), choices=list(KEY_ACTS.items()))
    person = forms.TypedChoiceField(
        label=t("领取人", "To whom"), coerce=int, required=False, empty_value=None
    )
    note = forms.CharField(label=t("备注", "Note"), max_length=300, required=False)


class LeaveForm(forms.Form):
    from_on = forms.DateField(
        label=t("最早入库日", "Papers there from"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=t("理由", "Reason"), max_length=300)


class LookForm(forms.Form):
    settled = forms.TypedChoiceField(
        label=t("结果", "Result"),
        choices=[("1", t("符合要求", "As it should be")), ("0", t("不符合要求", "Something is wrong"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=t("说明", "Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class InForm(forms.Form):
    """Who goes in before which keyholders. Codes are typed by the keyholders themselves and shown to nobody."""

    people = forms.TypedMultipleChoiceField(
        label=t("进入的人", "Who goes in"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    purpose = forms.ChoiceField(label=t("为了", "What for"), choices=list(PURPOSES.items()))
    subject = forms.CharField(
        label=t("交接编号（如有）", "Number of the handover, if any"), max_length=40, required=False
    )
    note = forms.CharField(label=t("说明", "Note"), max_length=300, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, may: Sequence[tuple[int, str]], holders: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "people", list(may))
        self.holders = holders
        label = t("{name}（掌管钥匙）的签名码", "Code of {name} (keyholder)")
        attrs = {"autocomplete": "off", "inputmode": "text", "spellcheck": "false"}
        for person, name in holders:
            self.fields[f"code_{person}"] = forms.CharField(
                label=label.format(name=name), max_length=20, required=False,
                widget=forms.PasswordInput(attrs=attrs),
            )  # fmt: skip

    def codes(self) -> dict[int, str]:
        return {person: self.cleaned_data.get(f"code_{person}", "") for person, _ in self.holders}


class OutForm(forms.Form):
    taken = forms.CharField(
        label=t("带出的交接编号（如有）", "What was taken: number of the handover"),
        max_length=40,
        required=False,
    )
    note = forms.CharField(label=t("说明", "Note"), max_length=300, required=False)


class DailyForm(forms.Form):
    progress = forms.CharField(
        label=t("工作进展和需要说明的情况", "Progress, and what needs a word"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WatchForm(forms.Form):
    key = key_field()
    place = forms.ChoiceField(label=t("地点", "Place"))
    means = forms.ChoiceField(label=t("方式", "By"), choices=list(MEANS.items()))
    what = forms.CharField(label=t("摄像头编号或人员", "Camera, or who"), max_length=120)
    starts_at = _moment(t("开始", "From"))
    ends_at = _moment(t("结束", "Until"))

    def __init__(self, *args: Any, places: Iterable[tuple[str, Words | str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "place", list(places))


class ReviewForm(_Choosing):
    from_at = _moment(t("回放从", "Replayed from"))
    to_at = _moment(t("到", "To"))
    seen = forms.CharField(label=t("看到什么", "What was seen"), max_length=500)
    person = forms.TypedChoiceField(
        label=t("有问题的，由谁整改", "If something is wrong, who mends it"),
        coerce=int,
        required=False,
        empty_value=None,
    )
    due_on = forms.DateField(
        label=t("整改期限", "By when"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )


class VoidForm(forms.Form):
    why = forms.CharField(label=t("作废原因", "Why it is void"), max_length=300)
