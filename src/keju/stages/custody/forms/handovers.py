"""What people type at a handover."""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from keju.kernel.calendar import CHINA
from keju.kernel.exams.choosing import offer
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import names
from keju.rulebook.handovers import SIDES, HandoverKind
from keju.rulebook.words import t
from keju.stages.custody.queries.naming import HANDOVER_STATES
from keju.stages.custody.rules.handovers import Scan, Seen

ANEW = t("请重新打开本页。", "Open this page anew.")
MOST_TEXT = 200_000  # characters of a batch of scans
STATES = [
    (Seen.INTACT, t("完好", "Intact")),
    (Seen.BROKEN, t("封条破损", "Seal broken")),
    (Seen.OTHER_SEAL, t("封条号不符", "Another seal number")),
    (Seen.SAME, t("扫了两次，是同一件", "Read twice, one container")),
    (Seen.DUPLICATE, t("两件用了同一标签", "Two containers with one label")),
]


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


class HandoverFilter(forms.Form):
    state = forms.ChoiceField(label=t("状态", "State"), required=False)
    office = forms.CharField(
        label=t("移交方或接收方代码", "Code of sender or receiver"), max_length=7, required=False
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        offer(self, "state", [("", t("全部", "All")), *HANDOVER_STATES.items()])

    def chosen(self) -> dict[str, str]:
        """The filters as `queries.handovers.listed` takes them; what does not fit is left aside."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "").strip() for name in self.fields}


class KindForm(forms.Form):
    """Of which kind, and with whom, where the kind leaves it open. An address may say both sides instead."""

    kind = forms.ChoiceField(label=t("交接种类", "Kind"))
    other = forms.ChoiceField(
        label=t("对方单位", "The other office"),
        required=False,
        help_text=t(
            "本单位内部移交，或交给押运员的，不用选。", "Not needed within the office, or onto a journey."
        ),
    )
    sender = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    receiver = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(
        self,
        own: Office | None,
        kinds: Sequence[HandoverKind],
        others: Sequence[Office],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.own, self.kinds, self.others = own, {k.code: k for k in kinds}, others
        offer(self, "kind", [(k.code, k.name) for k in kinds])
        offer(self, "other", [("", t("不用选", "No choice needed")), *((o.code, o.name) for o in others)])

    def clean(self) -> dict[str, Any]:
        """`sender` and `receiver` are codes of offices afterwards."""
        given = super().clean() or {}
        kind = self.kinds.get(given.get("kind", ""))
        for side in SIDES if kind else ():
            code = given[side] or self._code_of(str(getattr(kind, side)), given.get("other", ""))
            if not code:
                self.add_error("other", str(t("请选择对方单位。", "Choose the other office.")))
            elif not names([code]):
                self.add_error(None, str(t("没有这个单位。", "There is no such office.")))
            given[side] = code
        return given

    def _code_of(self, kind: str, other: str) -> str:
        """The office of a side: one's own, the only one of its kind, or the one chosen; "" where it must be chosen."""
        if self.own is None or kind == self.own.kind:
            return self.own.code if self.own else ""
        fitting = [o.code for o in self.others if o.kind == kind]
        if other in fitting:
            return other
        return fitting[0] if len(fitting) == 1 else ""


class AnnounceForm(forms.Form):
    """The advice of dispatch (V11.3.1)."""

    departs_at = _moment(t("出发", "Departure"))
    arrives_at = _moment(t("预计到达", "Expected arrival"))
    escorts = forms.CharField(
        label=t("另需说明（车牌、随行人员）", "More about them (plates, who else comes)"),
        max_length=200,
        required=False,
    )
    contact = forms.CharField(
        label=t("联系方式（途中能接通的电话）", "Contact (a telephone on the way)"), max_length=200
    )

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ScanForm(forms.Form):
    """Codes as they were read, one on a line; how they were found; a photograph of what is not intact."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    codes = forms.CharField(
        label=t("条码（每行一个，可连续扫描）", "Codes (one on a line; scan on and on)"),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "autocapitalize": "characters", "spellcheck": "false"}),
    )
    state = forms.ChoiceField(label=t("状况", "State"), choices=STATES, initial=Seen.INTACT)
    seal = forms.CharField(
        label=t("实际封条号（不符时填）", "Seal number found, if another"), max_length=40, required=False
    )
    photo = forms.FileField(
        label=t("照片（不完好时必须）", "Photograph (of what is not intact)"), required=False
    )

    def scans(self) -> list[Scan]:
        facts = self.cleaned_data
        photo = facts["photo"].read() if facts["photo"] else b""
        seal = facts["seal"] if facts["state"] == Seen.OTHER_SEAL else ""
        return [Scan(code, seal, facts["state"], photo) for code in facts["codes"].split()]


class BatchForm(forms.Form):
    """What the page sends by itself: `scans` is JSON, [[code, unix milliseconds], …], all intact."""

    key = forms.UUIDField()
    scans = forms.CharField(max_length=MOST_TEXT)

    def clean_scans(self) -> list[Scan]:
        try:
            rows = json.loads(self.cleaned_data["scans"])
            return [
                Scan(str(code)[:40], read_at=datetime.fromtimestamp(int(ms) / 1000, CHINA))
                for code, ms in rows
            ]
        except (ValueError, TypeError, OverflowError, OSError):
            raise forms.ValidationError(str(t("扫描数据无法读取。", "The scans cannot be read."))) from None


class SignForm(forms.Form):
    """Who signs, and their own code. `content`: the hash of what was shown."""

    person = forms.TypedChoiceField(label=t("签字人", "Who signs"), coerce=int)
    code = forms.CharField(
        label=t("本人的动态码或签名码", "Own device code or signing code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    content = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, people: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person", people)


class ChangeForm(forms.Form):
    """Somebody comes instead of who was named (V11.3.2)."""

    leaves = forms.TypedChoiceField(label=t("换下", "Who leaves"), coerce=int)
    person = forms.TypedChoiceField(label=t("换上", "Who comes"), coerce=int)
    reason = forms.CharField(label=t("原因", "Reason"), max_length=300)

    def __init__(
        self, leaves: list[tuple[int, str]], comes: list[tuple[int, str]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "leaves", leaves)
        offer(self, "person", comes)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=t("原因", "Reason"), max_length=300)


class InstructForm(forms.Form):
    """The superior's instruction (V11.3.3)."""

    instruction = forms.CharField(label=t("指示", "Instruction"), max_length=500)
    lifts = forms.BooleanField(label=t("解除冻结", "Release it"), required=False)
