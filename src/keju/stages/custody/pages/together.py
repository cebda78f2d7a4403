"""Pages on which several people sign: what stands against it is said at the form, with its clause."""

from typing import Any

from django.contrib import messages

from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request
from keju.kernel.exams.refusing import explain
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words
from keju.stages.custody.forms.seal_room import unsigned
from keju.stages.custody.services.attempts import Refused


def signed(request: Request, form: Any, go: Any, done: Words) -> bool:
    """Whether everybody has signed and it is done; otherwise the form says why not."""
    try:
        found = go()
    except RuleRefused as refused:
        explain(form, refused, request.exam)
        return False
    if isinstance(found, Refused):
        explain(form, RuleRefused(found.refusals), request.exam)
        return False
    if not found.is_whole:
        unsigned(form, found.failed, {who: form.cleaned_data[who] for who in form.signing()})
        return False
    messages.success(request, str(done))
    return True


def said(request: Request, refused: Refused | RuleRefused) -> list[str]:
    """The refusals in words, each with its clause."""
    programme = exams.programme(request.exam)
    return [f"{r.words(programme)} ({r.rule})" for r in refused.refusals]
