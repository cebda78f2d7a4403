"""What is typed to find letters, to sign them and to keep the scan of signed paper."""

from typing import Any

from django import forms

from keju.kernel.approvals.forms import WRONG
from keju.kernel.notices.attaching import AttachmentField
from keju.rulebook.words import t
from keju.stages.security.queries.letters import STATES

__all__ = ["WRONG", "BelowForm", "LetterFilter", "PaperForm", "SignAllForm"]


class LetterFilter(forms.Form):
    """Kept in the address."""

    state = forms.ChoiceField(label=t("状态", "State"), required=False, choices=list(STATES.items()))
    office = forms.RegexField(
        r"^[0-9]{2}([0-9]{2}(-[0-9]{2})?)?$", label=t("单位代码", "Office code"), required=False, max_length=7
    )

    def facts(self) -> dict[str, str]:
        self.is_valid()
        cleaned: dict[str, Any] = getattr(self, "cleaned_data", {})
        return {"state": cleaned.get("state", "") or "", "office": cleaned.get("office", "") or ""}


class SignAllForm(forms.Form):
    """The leader's own code; `seen`: the fingerprint of the list that was shown."""

    seen = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    code = forms.CharField(
        label=t("本人的动态码", "Your own code"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "code"}),
    )


class BelowForm(forms.Form):
    """The holder's own code, typed on whosever screen."""

    content_hash = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    code = forms.CharField(
        label=t("责任人本人的动态码或签字码", "The holder's own code"),
        help_text=t(
            "由责任人亲自输入：有登录账号的填动态码，没有的填签字码单上一个没用过的码（含序号）。",
            "Typed by the holder: the code of their device, or an unused one of their sheet with its number.",
        ),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "code"}),
    )


class PaperForm(forms.Form):
    """The scan of what both signed in ink."""

    scan = AttachmentField(t("双方签字的扫描件", "Scan signed by both"))

    def clean_scan(self) -> Any:
        given = self.cleaned_data["scan"]
        if given is None:
            raise forms.ValidationError(str(t("请选择扫描件。", "Attach the scan.")))
        return given
