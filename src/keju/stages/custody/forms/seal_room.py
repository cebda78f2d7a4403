"""What people type on the exam day: scan first, then their own codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.custody.queries.people import OnDuty, Team
from keju.stages.custody.rules.seal_room import Seen, paired
from keju.stages.custody.services.half_day import Escort
from keju.stages.custody.services.spares import DEFECTS, Use

Choices = Sequence[tuple[Any, Any]]
NOBODY = ("", t("请选择", "Choose"))
CODE_HELP = t(
    "本人签名码，如 07-K4WP9T，每个只用一次", "A code of one's own sheet, 07-K4WP9T; each counts once"
)
SIGNED = t("已签名，不用再输入", "Has signed; nothing more to type")
SCAN_HELP = t(
    "先扫袋（包、箱）的条码，再扫它的封条，一件一对，可连续扫。封条破损的输入0。",
    "Scan a container's label, then its seal, one pair each, on and on. Type 0 for a broken seal.",
)
SCAN = {
    "rows": 5,
    "autocomplete": "off",
    "autocapitalize": "characters",
    "spellcheck": "false",
    "class": "scan",
    "data-camera": t("用摄像头扫", "Scan by camera"),
}
TYPED = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


def people(found: Iterable[OnDuty], without: Iterable[int] = ()) -> Choices:
    """The choices of a select, each person once."""
    names = {one.person_id: one.name for one in found}
    barred = set(without)
    return [NOBODY, *((pk, name) for pk, name in names.items() if pk not in barred)]


def person_field(label: Words, choices: Choices, *, required: bool = True) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=choices, coerce=int, empty_value=None, required=required
    )


def code_field(label: Words, said: Words | str = CODE_HELP) -> forms.CharField:
    """`said`: the help; what the first field of a form says the others need not repeat."""
    return forms.CharField(
        label=label, max_length=20, required=False, help_text=said, widget=forms.TextInput(attrs=TYPED)
    )


class Keyed(forms.Form):
    """`key`: the operation's id, made with the form, so that sending it twice does it once."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class ScanForm(Keyed):
    scanned = forms.CharField(
        label=t("扫描", "Scan"), help_text=SCAN_HELP, max_length=40_000,
        widget=forms.Textarea(attrs=SCAN | {"autofocus": True}),
    )  # fmt: skip

    def seen(self) -> tuple[list[Seen], list[str]]:
        """(what was read in pairs, what was not understood)"""
        found = paired(self.cleaned_data["scanned"])
        return found.seen, found.odd


class EscortForm(Keyed):
    """At least two staff and the confidential officer, each with a code."""

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = people((*team.staff, *team.officers))
        self.fields["officer"] = person_field(t("机要员", "Confidential officer"), people(team.officers))
        self.fields["officer_code"] = code_field(t("机要员签名码", "Officer's code"))
        for n in (1, 2, 3):
            self.fields[f"staff_{n}"] = person_field(
                t("工作人员{n}", "Staff {n}").format(n=n), staff, required=n < 3
            )
            self.fields[f"staff_{n}_code"] = code_field(
                t("工作人员{n}签名码", "Code of staff {n}").format(n=n), ""
            )

    def escort(self) -> Escort:
        said = self.cleaned_data
        chosen = [said[f"staff_{n}"] for n in (1, 2, 3) if said.get(f"staff_{n}")]
        return Escort(said["officer"], chosen, self.codes())

    def codes(self) -> dict[int, str]:
        return {self.cleaned_data[who]: self.cleaned_data[f"{who}_code"] for who in self.signing()}

    def signing(self) -> list[str]:
        """The names of the fields whose people sign."""
        return [who for who in ("officer", "staff_1", "staff_2", "staff_3") if self.cleaned_data.get(who)]


class WithdrawForm(EscortForm):
    scanned = ScanForm.base_fields["scanned"]

    field_order = ("key", "scanned", "head")

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, team=team, **kwargs)
        self.fields["head"] = person_field(t("负责封卷室的主考", "Head of the seal room"), people(team.heads))
        self.order_fields(self.field_order)

    def seen(self) -> tuple[list[Seen], list[str]]:
        found = paired(self.cleaned_data["scanned"])
        return found.seen, found.odd


class BackForm(EscortForm):
    def __init__(self, *args: Any, team: Team, stores: Choices, **kwargs: Any) -> None:
        super().__init__(*args, team=team, **kwargs)
        self.fields["store"] = forms.ChoiceField(label=t("送回的保密室", "Into the store"), choices=stores)
        self.order_fields(("key", "store"))


class IssueForm(Keyed):
    """The bags of a room, held up to the reader, and both invigilators."""

    bags = forms.CharField(
        label=t("扫描本考场的袋", "Scan the room's bags"), max_length=400,
        widget=forms.TextInput(attrs=TYPED | {"autofocus": True, "class": "scan", "data-camera": SCAN["data-camera"]}),
        help_text=t("试卷袋和答题卡袋，中间空格", "Papers and cards, with a blank between"),
    )  # fmt: skip

    def __init__(self, *args: Any, team: Team, gone: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = people(team.invigilators, gone)
        for name, label, code, said in (
            ("first", t("监考员甲", "First invigilator"), t("甲的签名码", "Code of the first"), CODE_HELP),
            ("second", t("监考员乙", "Second invigilator"), t("乙的签名码", "Code of the second"), ""),
        ):
            self.fields[name] = person_field(label, choices)
            self.fields[f"{name}_code"] = code_field(code, said)

    def signing(self) -> list[str]:
        return ["first", "second"]

    def codes(self) -> dict[int, str]:
        return {self.cleaned_data[who]: self.cleaned_data[f"{who}_code"] for who in self.signing()}


class SpareForm(Keyed):
    """A line of the book of spares, and the head's consent."""

    room = forms.TypedChoiceField(label=t("考场", "Room"), coerce=int)
    ticket = forms.CharField(
        label=t("准考证号", "Ticket"), max_length=20, widget=forms.TextInput(attrs=TYPED)
    )
    defect = forms.ChoiceField(
        label=t("原因", "What is wrong"), choices=list(DEFECTS.items()), widget=forms.RadioSelect
    )
    note = forms.CharField(label=t("说明", "Note"), max_length=300, required=False)
    defective_serial = forms.IntegerField(
        label=t("残缺试卷的卷号", "Serial of the defective paper"), min_value=1
    )
    spare_serial = forms.IntegerField(label=t("备用卷的卷号", "Serial of the spare"), min_value=1)

    def __init__(self, *args: Any, team: Team, rooms: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "room", [(n, str(n)) for n in rooms])
        self.fields["head"] = person_field(t("同意启用的主考", "Head who consents"), people(team.heads))
        self.fields["head_code"] = code_field(t("主考签名码", "Head's code"))

    def use(self) -> Use:
        names = ("room", "ticket", "defect", "note", "spare_serial", "defective_serial")
        return Use(**{name: self.cleaned_data[name] for name in names})

    def signing(self) -> list[str]:
        return ["head"]


class SealForm(Keyed):
    seal = forms.CharField(
        label=t("新封条号", "Number of the new seal"), max_length=40, widget=forms.TextInput(attrs=TYPED)
    )


class ReasonForm(forms.Form):
    finding = forms.CharField(
        label=t("查清的情况", "What was found"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


def unsigned(form: forms.Form, failed: Iterable[int], signing: Mapping[str, int]) -> None:
    """Each person whose code did not count finds it said at their code; who has signed need not again."""
    barred = set(failed)
    form.data = form.data.copy()
    for who, person in signing.items():
        if person not in barred:
            form.data[form.add_prefix(f"{who}_code")] = ""
            form[f"{who}_code"].help_text = SIGNED
        else:
            given = form.cleaned_data.get(f"{who}_code")
            form.add_error(
                f"{who}_code",
                t("签名码不对或已用过，稍等再用下一个。", "Wrong or used: wait a moment, then the next one.")
                if given
                else t("还没有签名。", "Has not signed yet."),
            )
