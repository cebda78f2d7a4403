"""Looking somebody up among more people than a list can offer; works without JavaScript."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from keju.rulebook.words import t

MANY = t(
    "可以选多人（电脑上按住 Ctrl 键点选）。查找后，已选的人仍然选着。",
    "Several may be chosen (hold Ctrl on a computer). Whoever is chosen stays chosen when you look for more.",
)


class FindInput(forms.TextInput):
    """A box with its own button: the form comes back as it was typed, the list narrowed."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return format_html(
            '<span class="input-group">{}<button class="btn" type="submit" name="find" value="yes">{}</button></span>',
            super().render(*args, **kwargs),
            t("查找", "Find"),
        )


def find_field() -> forms.CharField:
    return forms.CharField(
        label=t("找人：姓名或工作单位", "Find people by name or employer"),
        max_length=80,
        required=False,
        widget=FindInput,
    )


def like(request: HttpRequest) -> str:
    """What was typed into the box."""
    return request.POST.get("like", "")[:80]


def chosen(request: HttpRequest, name: str) -> Collection[int]:
    """Ids of those chosen before, to be kept on the list."""
    return [int(pk) for pk in request.POST.getlist(name) if pk.isdecimal() and len(pk) < 18]


def looks(request: HttpRequest) -> bool:
    """Whether somebody is looked up and nothing is sent yet."""
    return request.method == "POST" and "find" in request.POST


def as_typed(form: forms.BaseForm, request: HttpRequest) -> None:
    """The form shows what was typed and chosen, and judges nothing."""
    typed = {
        name: field.widget.value_from_datadict(request.POST, request.FILES, form.add_prefix(name))
        for name, field in form.fields.items()
    }
    form.is_bound, form.initial = False, typed
