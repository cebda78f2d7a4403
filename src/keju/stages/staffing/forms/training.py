"""What those who train type, and those who are checked."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms

from keju.kernel.exams import queries as exams
from keju.kernel.exams.choosing import offer
from keju.kernel.exams.models import Exam
from keju.kernel.files.scans import ACCEPT
from keju.rulebook.teaching import CheckQuestion
from keju.rulebook.words import Words, t
from keju.stages.staffing.rules.checks import Asked

WRONG = 4
"""Wrong answers for which the form has room."""


def _instant(label: Words) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


class PlanForm(forms.Form):
    """A course, or (with a host point) a rehearsal of the exam."""

    modules = forms.MultipleChoiceField(
        label=t("培训内容", "What is taught"), widget=forms.CheckboxSelectMultiple
    )
    starts_at = _instant(t("开始", "Begins"))
    ends_at = _instant(t("结束", "Ends"))
    place = forms.CharField(label=t("地点", "Place"), max_length=200)
    trainer = forms.CharField(label=t("培训负责人", "Trainer"), max_length=80)
    about = forms.ChoiceField(
        label=t("考试演练的承考考点", "Host point that rehearses the exam"),
        help_text=t("普通培训不填。", "Leave empty for a course."),
        required=False,
    )

    def __init__(self, *args: Any, exam: Exam, hosts: Collection[tuple[str, Words]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        modules = exams.programme(exam).teaching.modules
        offer(self, "modules", [(m.code, m.name) for m in modules])
        offer(self, "about", [("", t("（培训）", "(a course)")), *hosts])
        if not hosts:
            del self.fields["about"]


class NoteForm(forms.Form):
    """How a rehearsal went, or why a course is cancelled."""

    note = forms.CharField(
        label=t("情况说明", "Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ScanForm(forms.Form):
    """A signed list, a paper check, a pledge: photographed or scanned."""

    scan = forms.FileField(
        label=t("扫描件或照片", "Scan or photo"), widget=forms.FileInput(attrs={"accept": ACCEPT})
    )


class SheetForm(forms.Form):
    """The list as a sheet, brought back filled in."""

    file = forms.FileField(
        label=t("签到表格（xlsx、xls、ods、csv）", "Attendance sheet (xlsx, xls, ods, csv)")
    )
    scan = forms.FileField(
        label=t("纸面考核、承诺书的扫描件", "Scan of the checks and pledges on paper"),
        help_text=t("表格里填了成绩或承诺书时必须附上。", "Needed where the sheet has results or pledges."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )


class HandbookForm(forms.Form):
    """A further version of a handbook."""

    file = forms.FileField(
        label=t("手册（PDF）", "Handbook (PDF)"), widget=forms.FileInput(attrs={"accept": "application/pdf"})
    )
    note = forms.CharField(label=t("修改说明", "What changed"), max_length=300, required=False)


class QuestionForm(forms.Form):
    """One question of a pool, in both languages."""

    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{0,39}$", label=t("题号（小写字母、数字）", "Code (small letters, digits)")
    )
    rule = forms.RegexField(r"^[VP]\d+(\.\d+)*[a-z]?$", label=t("依据条款", "Clause"))
    words_zh = forms.CharField(label=t("题目（中文）", "Question (Chinese)"), max_length=300)
    words_en = forms.CharField(label=t("题目（英文）", "Question (English)"), max_length=400)
    right_zh = forms.CharField(label=t("正确答案（中文）", "Right answer (Chinese)"), max_length=200)
    right_en = forms.CharField(label=t("正确答案（英文）", "Right answer (English)"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, WRONG + 1):
            for lang, zh, en in (("zh", "中文", "Chinese"), ("en", "英文", "English")):
                self.fields[f"wrong{n}_{lang}"] = forms.CharField(
                    label=t(f"错误答案{n}（{zh}）", f"Wrong answer {n} ({en})"),
                    max_length=300,
                    required=n == 1,
                )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for n in range(1, WRONG + 1):
            if bool(given.get(f"wrong{n}_zh")) != bool(given.get(f"wrong{n}_en")):
                self.add_error(
                    f"wrong{n}_en", str(t("中英文都要填，或都不填。", "Fill in both languages, or neither."))
                )
        return given

    def question(self) -> CheckQuestion:
        """What was typed."""
        given = self.cleaned_data
        pairs = [(given[f"wrong{n}_zh"], given[f"wrong{n}_en"]) for n in range(1, WRONG + 1)]
        return CheckQuestion(
            given["code"],
            given["rule"],
            t(given["words_zh"], given["words_en"]),
            t(given["right_zh"], given["right_en"]),
            tuple(t(zh, en) for zh, en in pairs if zh),
        )

    @classmethod
    def facts(cls, question: CheckQuestion) -> dict[str, str]:
        """The question as the form shows it."""
        found = {"code": question.code, "rule": question.rule}
        for name, words in (("words", question.words), ("right", question.right)):
            found |= {f"{name}_zh": words.zh, f"{name}_en": words.en}
        for n, words in enumerate(question.wrong, 1):
            found |= {f"wrong{n}_zh": words.zh, f"wrong{n}_en": words.en}
        return found


class CheckAnswers(forms.Form):
    """The questions of one try; what is left out is wrong."""

    def __init__(self, *args: Any, paper: Sequence[Asked], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = len(paper)
        for n, asked in enumerate(paper):
            self.fields[f"q{n}"] = forms.TypedChoiceField(
                label=f"{n + 1}. {asked.question.words}",
                choices=[(str(k), words) for k, words in enumerate(asked.answers)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )

    def answers(self) -> list[int | None]:
        """The place of each chosen answer."""
        return [self.cleaned_data[f"q{n}"] for n in range(self.count)]


class PledgeForm(forms.Form):
    """Signed with one's own name."""

    agreed = forms.BooleanField(
        label=t("我已阅读并同意以上内容", "I have read this and agree"), required=False
    )
    signed_as = forms.CharField(
        label=t("签名（本人姓名）", "Signature (your own name)"), max_length=80, required=False
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=t("墙上的签到码", "Code on the wall"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
