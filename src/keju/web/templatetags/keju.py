"""The template words of the house. Built in: no `{% load %}`."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from keju.rulebook.words import current_language, said_day, said_moment
from keju.rulebook.words import t as words

register = template.Library()


@register.simple_tag(name="t")
def say(zh: str, en: str, **facts: Any) -> str:
    """`{% t "共 {n} 人" "{n} people" n=count %}`: the reader's language. Facts are escaped, the words are ours."""
    both = words(zh, en)
    if facts:
        return mark_safe(both.said(**{k: conditional_escape(v) for k, v in facts.items()}))  # noqa: S308
    return str(both)


@register.filter
def day(value: date | datetime | None) -> str:
    """2011年7月1日 / 1 July 2011."""
    return "—" if value is None else said_day(value, current_language())


@register.filter
def moment(value: datetime | None) -> str:
    """2011年7月1日 09:00 / 1 July 2011, 09:00, in China time."""
    return "—" if value is None else said_moment(value, current_language())


@register.filter
def count(value: int | None) -> str:
    """12,345."""
    return "—" if value is None else f"{value:,}"


@register.filter
def yuan(value: Decimal | int | None) -> str:
    """¥1,234.00, -¥12.50."""
    if value is None:
        return "—"
    return f"{'-' if value < 0 else ''}¥{abs(Decimal(value)):,.2f}"


@register.filter
def dialled(phone: str) -> str:
    """The digits that a `tel:` link dials; "" where there are too few to be a telephone."""
    digits = "".join(c for c in phone or "" if c in "+0123456789")
    return digits if len(digits) >= 5 else ""


@register.simple_tag(takes_context=True)
def url_if(context: dict[str, Any], name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page of another stage by its name, or "" where that stage offers none."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def part_of(context: dict[str, Any], name: str, **kwargs: Any) -> SafeString:
    """Another stage's public fragment by its name, in its place without JavaScript; "" where no stage offers it.

    Only public ones: a door of its own would change who acts on the page that holds it.
    """
    address = url_if(context, name, **kwargs)
    if not address:
        return mark_safe("")
    found = resolve(address)
    if getattr(found.func, "access", "") != "public":
        raise ValueError(f"{name} is not public, so no page may hold it")
    response = found.func(context["request"], *found.args, **found.kwargs)
    return mark_safe(response.content.decode())  # noqa: S308  a page of our own


@register.simple_tag(takes_context=True)
def url_may(context: dict[str, Any], name: str, *args: Any, **kwargs: Any) -> str:
    """As `url_if`, and "" also where the reader's role does not open that page."""
    url = url_if(context, name, *args, **kwargs)
    return url if url and may(context.get("actor"), getattr(resolve(url).func, "permission", "")) else ""


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> SafeString:
    """This page's query string with some keys changed; None removes a key."""
    params = dict(context["request"].GET.lists())
    for key, value in changes.items():
        if value is None:
            params.pop(key, None)
        else:
            params[key] = [str(value)]
    return mark_safe("?" + urlencode(params, doseq=True))  # noqa: S308


@register.filter
def may(actor: Any, permission: str) -> bool:
    return bool(actor) and actor.may(permission)
