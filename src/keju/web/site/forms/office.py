"""Filters of the log, the clock of a rehearsal, the code of the second factor."""

from django import forms

from keju.rulebook.words import t


class Code(forms.Form):
    """Six digits from the device; blanks between them are forgiven."""

    code = forms.CharField(
        label=t("6位动态码", "Six-digit code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "code",
            }
        ),
    )

    def clean_code(self) -> str:
        code = "".join(str(self.cleaned_data["code"]).split())
        if len(code) != 6 or not code.isdigit() or not code.isascii():
            raise forms.ValidationError(t("动态码是6位数字。", "The code has six digits."))
        return code


class AuditFilter(forms.Form):
    """Narrowing the log; every field is optional and stays in the address."""

    exam = forms.CharField(required=False, widget=forms.HiddenInput())
    kind = forms.CharField(
        label=t("事件，如fees", "Event, like fees"),
        required=False,
        widget=forms.TextInput(attrs={"class": "code"}),
    )
    subject = forms.CharField(label=t("对象，如exam:2011", "Subject, like person:7"), required=False)
    rule = forms.CharField(label=t("条款，如V8.3", "Clause, like V8.3"), required=False)


class ClockTo(forms.Form):
    to = forms.DateTimeField(
        label=t("拨到", "Move to"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
