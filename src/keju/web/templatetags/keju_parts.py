"""Template words for the components: icons, chips, fields, names of offices and roles. Built in."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, load_programme
from keju.rulebook.words import t

register = template.Library()

CHIP_ICONS = {
    "done": "check",
    "soon": "clock",
    "late": "alert-triangle",
    "open": "circle-dot",
    "none": "circle-dashed",
}
OTHER_ROLES = {
    "candidate": t("考生", "Candidate"),
    "system": t("系统", "System"),
    "staff": t("工作人员", "Staff"),
    "anybody": t("访客", "Visitor"),
}
PICKERS = {"date": "%Y-%m-%d", "datetime-local": "%Y-%m-%dT%H:%M", "time": "%H:%M"}
SELECTS = ("select", "selectmultiple", "nullbooleanselect")


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """A drawing from the sprite, of the few hundred that it has. Decorative: the word beside it is what is read aloud."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        _sprite(),
        name,
    )


@cache
def _sprite() -> str:
    """Where the drawings are: asked for at every icon, the same as long as the process lives."""
    return static("vendor/tabler/icons.svg")


@register.simple_tag
def brand_mark() -> SafeString:
    return format_html(
        '<img class="brand-mark" src="{}" alt="" width="30" height="30">', static("keju/mark.svg")
    )


@register.simple_tag
def chip(state: str, text: object) -> SafeString:
    """A state: done, soon, late, open, none; its icon and its words, so that colour is never alone."""
    state = state if state in CHIP_ICONS else "none"
    return format_html('<span class="chip chip-{}">{}{}</span>', state, icon(CHIP_ICONS[state]), text)


@register.filter
def field_kind(field: BoundField) -> str:
    """hidden, checkbox, choices (radio buttons or boxes), or input."""
    if field.is_hidden:
        return "hidden"
    if field.widget_type in ("radioselect", "checkboxselectmultiple"):
        return "choices"
    return "checkbox" if field.widget_type == "checkbox" else "input"


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The widget in the look of the house."""
    widget = field.field.widget
    given = widget.attrs.get("class", "")
    # The browser's own pickers take ISO dates only, whatever the language writes.
    if (iso := PICKERS.get(getattr(widget, "input_type", ""))) and hasattr(widget, "format"):
        widget.format = iso
    if field.widget_type == "checkbox":
        look = "form-check-input"
    elif field.widget_type in SELECTS:
        look = "form-select"
    else:
        look = "form-control"
    return field.as_widget(attrs={"class": f"{look} {given}".strip()})


@register.filter
def dressed_choices(field: BoundField) -> list[Any]:
    """The choices of radio buttons or boxes, each with `tag` and `choice_label`."""
    found = list(field.subwidgets)
    for choice in found:
        choice.data["attrs"] = {**choice.data["attrs"], "class": "form-check-input"}
    return found


@register.filter
def office_name(code: str) -> str:
    """The name of an office in the reader's language; the code itself where there is no such office."""
    try:
        return str(office(code).name)
    except Office.DoesNotExist:
        return code


@register.filter
def role_name(code: str) -> str:
    """The role's name; also of those that are no posting: candidate, system, staff not yet posted."""
    return str(ROLES[code].name if code in ROLES else OTHER_ROLES.get(code, code))


@register.filter
def beside(row: Iterable[Any], columns: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Cells with their columns: (column, cell)."""
    return list(zip(columns, row, strict=True))


@register.simple_tag
def refusals_of(refusals: Iterable[Refusal], exam: Any) -> list[dict[str, str]]:
    """`{% refusals_of found exam as reasons %}`: what the parts `refusals` and `why_disabled` show."""
    rules = load_programme(exam.programme)
    return [{"rule": r.rule, "text": str(r.words(rules))} for r in refusals]


@register.filter
def path_name(path: str) -> str:
    """The office that a path stands for: "/" the nation, "/11/1101/" its point; of a site, the point's name."""
    codes = [part for part in path.split("/") if part][:2]
    return office_name(codes[-1]) if codes else str(t("全国", "Nation"))


@register.filter
def sorted_words(values: Iterable[object]) -> list[str]:
    return sorted(str(v) for v in values)
