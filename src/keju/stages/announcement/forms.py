"""What the office, the committee and a region type."""

from django import forms

from keju.rulebook.words import t


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
        label=t("其他媒体发布情况及凭证", "Publication in other media, with evidence"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
