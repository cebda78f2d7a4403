"""Which identity document, and its number: in signing in and up, and in recovering an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from keju.algorithms.identity import (
    COUNTRIES,
    FORMS,
    NAMES,
    REASONS,
    Document,
    DocumentKind,
    IdentityRefused,
    check_document,
)
from keju.kernel.calendar import today
from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t

CHOOSE = ("", t("请选择", "Choose"))


@dataclass(frozen=True)
class KindLink:
    """A kind of document that one may change to."""

    kind: DocumentKind
    name: Words


class DocumentForm(forms.Form):
    """The number field is called `username`: the limiter of failed sign-ins blanks that one in its records.

    One kind at a time, so that nobody is asked for a country who has none to choose; the page links to the others.
    """

    document = forms.ChoiceField(widget=forms.HiddenInput)
    country = forms.ChoiceField(label=t("签发护照的国家", "Country that issued the passport"))
    username = forms.CharField(
        max_length=40, widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"})
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, kinds: tuple[DocumentKind, ...], kind: str = ""
    ) -> None:
        super().__init__(data)
        self.kinds = kinds
        asked = str(data.get("document", "")) if data else kind
        self.kind: DocumentKind = next((k for k in kinds if k == asked), kinds[0])
        offer(self, "document", [(k, k) for k in kinds])
        self.fields["document"].required = False
        self.initial["document"] = self.kind
        number = self.fields["username"]
        number.label = t("{document}号码", "{document}: number").format(document=t(*NAMES[self.kind]))
        number.help_text = t(*FORMS[self.kind])
        if self.kind == "passport":
            offer(self, "country", [CHOOSE, *countries()])
        else:
            del self.fields["country"]

    @property
    def others(self) -> list[KindLink]:
        return [KindLink(k, t(*NAMES[k])) for k in self.kinds if k != self.kind]

    @property
    def is_usual(self) -> bool:
        return self.kind == self.kinds[0]

    def given(self) -> Document | None:
        """The document as typed; None where there can be none of that number."""
        try:
            return self._checked()
        except IdentityRefused:
            return None

    def check_number(self) -> None:
        """Ties to its field what is wrong with the number."""
        if "username" not in self.cleaned_data:
            return
        try:
            self._checked()
        except IdentityRefused as refused:
            name = "country" if refused.code == "country" and "country" in self.fields else "username"
            self.add_error(name, str(t(*REASONS[refused.code])))

    def _checked(self) -> Document:
        data = self.cleaned_data
        return check_document(self.kind, data["username"], data.get("country", ""), today=today())


def countries() -> list[tuple[str, Words]]:
    """Countries whose passports count, by their name in the reader's language."""
    named = [
        (code, t(*names)) for code, names in COUNTRIES.items() if code not in ("CHN", "HKG", "MAC", "TWN")
    ]
    return sorted(named, key=lambda pair: str(pair[1]))
