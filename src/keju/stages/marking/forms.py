"""What is typed and uploaded in marking."""

import re

from django import forms
from django.core.files.uploadedfile import UploadedFile

from keju.rulebook.words import t
from keju.stages.marking.rules import VERDICTS

BLANK = "-"
VERDICT_WORDS = {
    "accept": t("按机读结果计分", "Counts as it was read"),
    "refuse": t("退出计分，另行补扫", "Out of scoring; to be scanned again"),
    "absent": t("计入，卡上填涂的是缺考", "Counts; the card is marked absent"),
    "violation": t("计入，卡上填涂的是违纪", "Counts; the card is marked for a violation"),
    "unmarked": t("计入，监考员没有填涂", "Counts; the invigilators marked nothing"),
}


class Images(forms.FileField):
    """Several files in one field."""

    def __init__(self, **kwargs: object) -> None:
        widget = forms.ClearableFileInput()
        widget.allow_multiple_selected = True
        widget.attrs["multiple"] = True
        super().__init__(widget=widget, **kwargs)  # type: ignore[arg-type]

    def clean(self, data: object, initial: object = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(Images, self).clean(f, initial) for f in files]


class UploadForm(forms.Form):
    images = Images(
        label=t("扫描图像", "Scanned images"),
        help_text=t(
            "可选多个JPEG、PNG或TIFF文件（一次最多100个），或一个zip压缩包（最多500张）。",
            "Several JPEG, PNG or TIFF files (100 at a time), or one zip archive (up to 500 images).",
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["images"].widget.attrs["multiple"] = True


class MissingForm(forms.Form):
    ticket = forms.CharField(label=t("准考证号", "Ticket number"), max_length=20)
    reason = forms.CharField(
        label=t("查找经过和原因", "How it was looked for, and why it is missing"), max_length=300
    )


class KeyForm(forms.Form):
    answers = forms.CharField(
        label=t("标准答案", "Key"),
        widget=forms.Textarea(
            attrs={"rows": 10, "class": "code", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=t(
            "按题号顺序录入字母，可五个一组；空格、换行和数字不计，可以粘贴。",
            "Letters in the order of questions, in fives if you like; blanks, line ends and digits do not count. Pasting works.",
        ),
    )

    def clean_answers(self) -> list[str]:
        return list(re.sub(r"[\s\d.,，、:：;；|\-–—]+", "", self.cleaned_data["answers"]).upper())


class ScoresForm(forms.Form):
    tickets = forms.CharField(
        label=t("准考证号", "Ticket numbers"),
        help_text=t("每次查看都记入日志。", "Every look stands in the log."),
        max_length=400,
    )

    def clean_tickets(self) -> list[str]:
        return [n for n in re.split(r"[\s,，、]+", self.cleaned_data["tickets"]) if n][:20]


class CountersignForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    typed = forms.CharField(
        label=t("照录校验值的前8位", "Type the first eight digits of the digest"),
        max_length=8,
        widget=forms.TextInput(
            attrs={"class": "form-control code", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        typed = str(data.get("typed", "")).strip().lower()
        if typed and typed != str(data.get("seen", ""))[:8]:
            self.add_error(
                "typed",
                str(
                    t(
                        "与显示的校验值不一致，请与数据管理员核对。",
                        "It is not the digest shown. Compare with the data administrator.",
                    )
                ),
            )
        return data


class SayForm:
    """What one person says about the places of a card: built from the places, read from a POST."""

    def __init__(self, data: object, questions: list[int], options: str) -> None:
        self.says: dict[int, str] = {}
        self.errors: list[object] = []
        get = data.get  # type: ignore[attr-defined]
        for q in questions:
            chosen = data.getlist(f"q{q}")  # type: ignore[attr-defined]
            if BLANK in chosen and len(chosen) > 1:
                self.errors.append(
                    t(
                        "第{q}题：“空白”不能与选项同选。",
                        "Question {q}: blank and an option exclude each other.",
                    ).format(q=q)
                )
            elif chosen:
                self.says[q] = "" if BLANK in chosen else "".join(o for o in options if o in chosen)
        if get("card") in VERDICTS:
            self.says[0] = get("card")
        who, again = get("who", "").strip(), get("who_again", "").strip()
        if who != again:
            self.errors.append(
                t("两次录入的准考证号不一致。", "The two entries of the ticket number differ.")
            )
        elif who:
            self.says[-1] = who
        if not self.says and not self.errors:
            self.errors.append(t("请至少裁定一处。", "Decide at least one place."))
