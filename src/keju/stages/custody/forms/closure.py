"""How the account of papers is narrowed."""

from typing import Any

from django import forms

from keju.kernel.exams.choosing import offer
from keju.rulebook.words import Words, t
from keju.stages.custody.queries.naming import KINDS
from keju.stages.custody.rules.containers import Kind

ANY = ("", t("全部", "All"))
HOLD = [(kind, KINDS[kind]) for kind in Kind if not kind.is_outer]


class ClosureFilter(forms.Form):
    """Bound to the address; what does not fit narrows nothing."""

    session = forms.ChoiceField(label=t("场次", "Session"), required=False)
    kind = forms.ChoiceField(label=t("种类", "Kind"), required=False, choices=[ANY, *HOLD])

    def __init__(self, *args: Any, sessions: dict[int, Words], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "session", [ANY, *sessions.items()])

    def asked(self) -> tuple[int | None, str]:
        """(session or None for all, kind or "" for all)."""
        self.is_valid()
        session = self.cleaned_data.get("session")
        return int(session) if session else None, self.cleaned_data.get("kind", "")
