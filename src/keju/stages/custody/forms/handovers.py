"""What people type at a handover."""

import json
import uuid
from datetime import datetime
from typing import Any

from django import forms

from keju.kernel.calendar import CHINA
from keju.kernel.exams.choosing import offer
from keju.kernel.offices.queries import names
from keju.rulebook.words import t
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
    return forms.DateTimeField(label=label, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


class KindForm(forms.Form):
    """Of which kind, between which offices."""

    kind = forms.ChoiceField(label=t("交接种类", "Kind"))
    sender = forms.CharField(label=t("移交单位编号", "Code of the sending office"), max_length=20)
    receiver = forms.CharField(
        label=t("接收单位编号", "Code of the receiving office"),
        max_length=20,
        help_text=t(
            "本单位内部移交，或交给押运员的，填移交单位的编号。",
            "Within the office, or onto a journey: the sending office's code again.",
        ),
    )

    def __init__(self, kinds: list[tuple[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", kinds)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("sender", "receiver"):
            if name in given and not names([given[name]]):
                self.add_error(name, str(t("没有这个单位。", "There is no such office.")))
        return given


class AnnounceForm(forms.Form):
    """The advice of dispatch (V11.3.1)."""

    departs_at = _moment(t("出发", "Departure"))
    arrives_at = _moment(t("预计到达", "Expected arrival"))
    escorts = forms.CharField(label=t("押运人", "Escorts"), max_length=300)
    contact = forms.CharField(label=t("联系方式", "Contact"), max_length=200)

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
