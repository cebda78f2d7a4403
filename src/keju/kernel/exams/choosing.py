"""Fields in which one chooses among what is known only when the form is made."""

from collections.abc import Iterable

from django import forms


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[object, object]]) -> None:
    """The field lets one choose among these."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no field to choose in")
    field.choices = list(choices)
