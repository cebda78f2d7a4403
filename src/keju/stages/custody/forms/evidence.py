"""Why an evidence file is wanted."""

from django import forms

from keju.rulebook.words import t


class EvidenceForm(forms.Form):
    reason = forms.CharField(
        label=t("事由和依据", "Why, and on which document"),
        help_text=t(
            "例如：纪检组来函〔2011〕12号。不要写人名和身份证号，事由会永久留在日志里。",
            "For instance: letter of the discipline office no. 12/2011. Name no persons: it stays in the log for ever.",
        ),
        max_length=300,
    )
