"""What is typed to narrow the list of duties and to discharge one."""

from typing import Any

from django import forms

from keju.kernel.duties.queries import STATE_WORDS, Filters, Side
from keju.kernel.exams.choosing import offer
from keju.kernel.notices.attaching import AttachmentField
from keju.rulebook import DutySpec
from keju.rulebook.words import t

SIDES: dict[Side, Any] = {
    "ours": t("本单位应办", "What we owe"),
    "theirs": t("应向本单位办理", "What is owed to us"),
    "below": t("下级单位全部", "Everything below us"),
}


class FilterForm(forms.Form):
    """Kept in the address. A value that makes no sense is taken as none."""

    side = forms.ChoiceField(label=t("范围", "Which"), required=False, choices=list(SIDES.items()))
    state = forms.ChoiceField(label=t("状态", "State"), required=False)
    rule = forms.ChoiceField(label=t("事项", "Duty"), required=False)
    office = forms.CharField(label=t("单位代码", "Office code"), required=False, max_length=20)

    def __init__(self, *args: Any, specs: tuple[DutySpec, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", t("全部", "All"))
        states = {**STATE_WORDS, "open": t("未完成", "Not done")}
        offer(self, "state", [everything, *states.items()])
        duties = [(s.code, t("{c} {n}", "{c} {n}").format(c=s.code, n=s.name)) for s in specs]
        offer(self, "rule", [everything, *duties])

    def filters(self, after: str) -> Filters:
        self.is_valid()
        cleaned = getattr(self, "cleaned_data", {})  # an address without a query has none
        given = {key: value for key, value in cleaned.items() if value}
        return Filters(**given, after=after)


class DischargeForm(forms.Form):
    """How the duty was done: words that say where it can be checked, and a scan if there is one."""

    evidence = forms.CharField(
        label=t("办理情况和凭据", "What was done, and what proves it"),
        help_text=t(
            "例如：7月5日以机要件寄出，回执号0123，收件人李某。",
            "For instance: sent on 5 July by confidential post, receipt 0123, received by Li.",
        ),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    file = AttachmentField(t("凭据扫描件（可不传）", "Scan of the proof (optional)"))
