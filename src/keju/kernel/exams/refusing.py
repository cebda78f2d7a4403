"""What the rules say about a form, said at the form."""

from django import forms

from keju.kernel.exams.models import Exam
from keju.kernel.exams.queries import programme
from keju.rulebook import RuleRefused


def explain(form: forms.BaseForm, refused: RuleRefused, exam: Exam) -> None:
    """Each refusal stands at its field, or above the form where it names none of it, with its clause."""
    for r in refused.refusals:
        field = r.field if r.field in form.fields else None
        form.add_error(field, f"{r.words(programme(exam))} ({r.rule})")
