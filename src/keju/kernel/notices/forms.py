"""What is typed to send, forward and acknowledge notices."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from keju.kernel.calendar import CHINA
from keju.kernel.exams.choosing import offer
from keju.kernel.notices import queries
from keju.kernel.notices.attaching import AttachmentField
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t

DIRECT, EVERYBODY, CHOSEN = "direct", "all", "chosen"
END_OF_DAY = time(23, 59, 59)


class RecipientsForm(forms.Form):
    """To whom: every office directly below, all below, or chosen ones."""

    whom = forms.ChoiceField(label=t("发给", "To"), widget=forms.RadioSelect, initial=DIRECT)
    chosen = forms.MultipleChoiceField(
        label=t("选定的单位", "Chosen offices"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=t("只在上面选“选定的单位”时有效。", "Counts only with “Chosen offices” above."),
    )

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        direct = queries.recipients_of(viewer)
        whom = [
            (DIRECT, t("全部直属下级（{n}个）", "All directly below ({n})").format(n=len(direct))),
            (CHOSEN, t("选定的单位", "Chosen offices")),
        ]
        if viewer.office_path == "/":
            whom.insert(1, (EVERYBODY, t("全部考区和考点", "All regions and points")))
        offer(self, "whom", whom)
        offer(self, "chosen", [(o.code, f"{o.code} {o.name}") for o in direct])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("whom") == CHOSEN and not data.get("chosen"):
            raise ValidationError({"chosen": str(t("请至少选择一个单位。", "Choose at least one office."))})
        return data

    def to(self) -> list[str]:
        """Codes of the offices meant."""
        whom = self.cleaned_data["whom"]
        if whom == CHOSEN:
            return list(self.cleaned_data["chosen"])
        found = queries.all_below(self.viewer) if whom == EVERYBODY else queries.recipients_of(self.viewer)
        return [o.code for o in found]


class NoticeForm(RecipientsForm):
    """A new notice. The English text is optional; without it English readers get the Chinese."""

    title_zh = forms.CharField(label=t("标题（中文）", "Title (Chinese)"), max_length=120)
    title_en = forms.CharField(
        label=t("标题（英文，可不填）", "Title (English, optional)"), max_length=200, required=False
    )
    body_zh = forms.CharField(
        label=t("正文（中文）", "Text (Chinese)"), max_length=20000, widget=forms.Textarea(attrs={"rows": 8})
    )
    body_en = forms.CharField(
        label=t("正文（英文，可不填）", "Text (English, optional)"),
        max_length=20000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    answer_on = forms.DateField(
        label=t("请于此日前确认（可不填）", "To be acknowledged by (optional)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    file = AttachmentField(t("附件（可不传）", "Attachment (optional)"))
    field_order = ["title_zh", "body_zh", "title_en", "body_en", "file", "answer_on", "whom", "chosen"]

    def title(self) -> Words:
        return t(self.cleaned_data["title_zh"], self.cleaned_data["title_en"])

    def body(self) -> Words:
        return t(self.cleaned_data["body_zh"], self.cleaned_data["body_en"])

    def answer_by(self) -> datetime | None:
        """The end of that day in China."""
        day = self.cleaned_data["answer_on"]
        return None if day is None else datetime.combine(day, END_OF_DAY, tzinfo=CHINA)
