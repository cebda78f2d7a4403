"""Finding tickets; choosing papers; saying why."""

from django import forms

from keju.rulebook.words import t
from keju.stages.tickets.services import KINDS


class FilterForm(forms.Form):
    q = forms.CharField(
        label=t("准考证号（可只填开头）", "Ticket number (or its beginning)"), required=False, max_length=10
    )
    site = forms.ChoiceField(label=t("考试地点", "Site"), required=False)

    def __init__(self, *args: object, sites: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["site"].choices = [("", t("全部", "All")), *((s, s) for s in sites)]  # type: ignore[attr-defined]


class SheetForm(forms.Form):
    site_code = forms.CharField(max_length=7)
    kind = forms.ChoiceField(choices=list(KINDS.items()))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=t("理由", "Reason"), max_length=300)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=t("准考证二维码内容", "Text of the ticket's code"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
