"""What people type about recordings."""

from typing import Any

from django import forms

from keju.rulebook.words import t


class RecordingFilter(forms.Form):
    site = forms.CharField(label=t("考试地点编号", "Site code"), max_length=7, required=False)
    session = forms.IntegerField(label=t("场次", "Session"), min_value=1, max_value=20, required=False)
    state = forms.ChoiceField(
        label=t("状态", "State"),
        required=False,
        choices=[
            ("", t("全部", "All")),
            ("kept", t("保存中", "Kept")),
            ("disposed", t("已处置", "Disposed of")),
        ],
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()


class VerifyForm(forms.Form):
    sha256 = forms.CharField(
        label=t("重新计算的校验值（SHA-256）", "Checksum computed again (SHA-256)"), max_length=64
    )


class ReplayForm(forms.Form):
    from_minute = forms.IntegerField(label=t("从第几分钟", "From minute"), min_value=0, max_value=600)
    to_minute = forms.IntegerField(label=t("到第几分钟", "To minute"), min_value=1, max_value=600)
    seen = forms.CharField(
        label=t("看到什么", "What was seen"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    odd = forms.BooleanField(
        label=t("有异常，列入问题清单", "Something is odd: make it a finding"), required=False
    )


class DisposalForm(forms.Form):
    reason = forms.CharField(label=t("处置理由", "Reason"), max_length=300)


class DisposeForm(forms.Form):
    how = forms.CharField(
        label=t("销毁记录（方式、时间、在场人员）", "How it was done, when, who was there"), max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
