"""Finding a print in the ledger."""

from django import forms

from keju.kernel.documents.kinds import name_of
from keju.kernel.exams.choosing import offer
from keju.rulebook.words import t


class LedgerFilter(forms.Form):
    q = forms.CharField(label=t("对象或打印人", "Subject or who printed it"), required=False, max_length=80)
    kind = forms.ChoiceField(label=t("文件种类", "Kind of document"), required=False)

    def __init__(self, *args: object, kinds: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer(self, "kind", [("", t("全部", "All")), *((k, name_of(k)) for k in kinds)])
