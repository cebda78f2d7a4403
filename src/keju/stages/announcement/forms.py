"""What the office, the committee and a region type."""

from datetime import date, datetime
from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.kernel.notices.attaching import AttachmentField
from keju.kernel.offices.models import Office
from keju.rulebook import load_programme, programme_codes
from keju.rulebook.words import t
from keju.stages.announcement.services import NewOpening


class NoticeForm(forms.Form):
    title_zh = forms.CharField(label=t("标题（中文）", "Title (Chinese)"), max_length=120)
    body_zh = forms.CharField(
        label=t("正文（中文）", "Text (Chinese)"), widget=forms.Textarea(attrs={"rows": 8})
    )
    title_en = forms.CharField(label=t("标题（英文）", "Title (English)"), max_length=160, required=False)
    body_en = forms.CharField(
        label=t("正文（英文）", "Text (English)"), required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


class DecisionForm(forms.Form):
    exception_reason = forms.CharField(
        label=t("例外理由（晚于规定期限时填写）", "Reason for the exception (if past the time allowed)"),
        max_length=500,
        required=False,
    )


def _instant(zh: str, en: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=t(zh, en),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class WindowsForm(forms.Form):
    registration_opens = _instant("网上报名开始", "Online registration opens")
    registration_closes = _instant("网上报名截止", "Online registration closes")
    confirmation_opens = _instant("报名确认开始", "Confirmation opens")
    confirmation_ends = _instant("报名确认结束", "Confirmation ends")


class RegionPageForm(forms.Form):
    requirements_zh = forms.CharField(
        label=t("报名要求（中文）", "Requirements (Chinese)"), widget=forms.Textarea(attrs={"rows": 6})
    )
    requirements_en = forms.CharField(
        label=t("报名要求（英文）", "Requirements (English)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    other_media = forms.CharField(
        label=t("其他媒体发布的说明", "Remarks on publication in other media"),
        help_text=t(
            "每一次发布请在“其他媒体发布”页逐条登记凭证。",
            "Each publication is recorded with its evidence on its own page.",
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PublicationForm(forms.Form):
    """Where else the region published, with what proves it."""

    medium = forms.ChoiceField(
        label=t("媒体", "Medium"),
        choices=[
            ("newspaper", t("报纸", "Newspaper")),
            ("television", t("电视", "Television")),
            ("radio", t("广播", "Radio")),
            ("website", t("网站", "Website")),
            ("social", t("公众号等新媒体", "Social media")),
            ("board", t("公示栏", "Notice board")),
        ],
    )
    title = forms.CharField(
        label=t("名称和版面、栏目或网页", "Name, with page, programme or section"), max_length=160
    )
    published_on = forms.DateField(
        label=t("发布日期", "Published on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    link = forms.URLField(label=t("网址", "Address"), max_length=300, required=False, assume_scheme="https")
    evidence = AttachmentField(t("凭证（扫描件或照片）", "Evidence (scan or photograph)"))


class StrikeForm(forms.Form):
    reason = forms.CharField(label=t("划去的理由", "Reason for striking it out"), max_length=300)


class AnswerForm(forms.Form):
    question_zh = forms.CharField(label=t("问题（中文）", "Question (Chinese)"), max_length=200)
    answer_zh = forms.CharField(
        label=t("回答（中文）", "Answer (Chinese)"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    question_en = forms.CharField(
        label=t("问题（英文，可不填）", "Question (English, optional)"), max_length=300, required=False
    )
    answer_en = forms.CharField(
        label=t("回答（英文，可不填）", "Answer (English, optional)"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ExamForm(forms.Form):
    """A new exam; of a rehearsal also the day on which its clock begins."""

    programme = forms.ChoiceField(label=t("考试项目", "Examination"))
    exam_day = forms.DateField(
        label=t("考试日（第一场）", "Exam day (first session)"),
        help_text=t("各场次的钟点按考试项目的规定排定。", "The sessions' hours follow from the programme."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    rules_as_of = forms.DateField(
        label=t("适用哪一天有效的规定", "Under the law as it stood on"),
        help_text=t(
            "考试自始至终适用这一天有效的规定，以后不能更改。",
            "The exam keeps to the law of this day from beginning to end; this cannot be changed later.",
        ),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    is_rehearsal = forms.TypedChoiceField(
        label=t("性质", "Kind"),
        choices=[
            (
                "yes",
                t(
                    "演练：时钟可以拨动，证件一律注明演练",
                    "Rehearsal: its clock can be moved; nothing it prints is valid",
                ),
            ),
            ("no", t("正式考试：每年一次", "In earnest: once a year")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    starts_on = forms.DateField(
        label=t("演练时钟从哪天开始", "The rehearsal's clock begins on"),
        help_text=t("仅演练填写；空着表示今天。", "Rehearsals only; empty: today."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "programme", [(c, load_programme(c).name) for c in programme_codes()])
        self.fields["rules_as_of"].initial = today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, day = data.get("starts_on"), data.get("exam_day")
        if starts and not data.get("is_rehearsal"):
            self.add_error(
                "starts_on", t("正式考试用真实的时钟。", "An exam in earnest runs on the real clock.")
            )
        elif starts and day and starts > day:
            self.add_error(
                "starts_on", t("时钟应从考试日以前开始。", "The clock must begin before the exam day.")
            )
        return data

    def moment(self, at: datetime) -> datetime:
        """The exam's own now: `at`, or the same hour of the day on which a rehearsal begins."""
        starts: date | None = self.cleaned_data["starts_on"]
        return at if starts is None else datetime.combine(starts, at.timetz())

    def facts(self, at: datetime) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "programme": data["programme"],
            "year": data["exam_day"].year,
            "exam_day": data["exam_day"],
            "rules_as_of": data["rules_as_of"],
            "is_rehearsal": data["is_rehearsal"],
            "clock_shift": self.moment(at) - at,
        }


class OpeningForm(forms.Form):
    """An office that begins to take part, or what is known of one that does."""

    chosen = forms.BooleanField(required=False)
    leader = forms.CharField(
        label=t("领导小组组长", "Leader of the leading group"), max_length=80, required=False
    )
    contact = forms.CharField(label=t("联系人", "Contact"), max_length=80, required=False)
    phone = forms.RegexField(
        r"^\+?[0-9 \-]{5,30}$",
        label=t("电话", "Telephone"),
        required=False,
        error_messages={"invalid": t("电话只填数字和横线。", "Digits and dashes only.")},
    )

    def __init__(self, *args: Any, office: Office, alone: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office = office
        if alone:
            del self.fields["chosen"]
            return
        # In a table the column's head is no label for one cell.
        for name, field in self.fields.items():
            what = t("开通", "Open") if name == "chosen" else field.label
            field.widget.attrs["aria-label"] = f"{office.name}: {what}"

    def is_chosen(self) -> bool:
        return self.add_prefix("chosen") in self.data

    def opening(self) -> NewOpening:
        data = self.cleaned_data
        return NewOpening(self.office.code, data["leader"], data["contact"], data["phone"])


class DeferralForm(forms.Form):
    reason = forms.CharField(
        label=t("延期理由及决定文号", "Reason for the deferral, and the decision's number"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
