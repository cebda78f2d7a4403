"""The components: each stands on its own, in both languages, and escapes what people typed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string
from django.urls import URLResolver, get_resolver

from keju.kernel.calendar import now
from keju.rulebook.words import speaking, t
from keju.web.urls import SOURCE

NAMED = re.compile(r"""\{% url(?:_if)? ['"]([\w-]+)['"]([^%]*)%\}""")
EVIL = "<b>张三</b>"
AT = now()


class Sample(forms.Form):
    name = forms.CharField(label=t("姓名", "Name"), help_text=t("照身份证", "As on the card"))
    kind = forms.ChoiceField(
        label=t("类别", "Kind"), choices=[("a", t("甲", "A")), ("b", t("乙", "B"))], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label=t("同意", "Agreed"))
    born_on = forms.DateField(label=t("生日", "Birthday"), widget=forms.DateInput(attrs={"type": "date"}))


def sample() -> Sample:
    return Sample({"name": "", "born_on": "x"})


JOB = {"id": 7, "name": EVIL, "state": "running", "done": 30, "total": 100, "errors": 2, "result_url": ""}
STEPS = [
    {"title": EVIL, "state": "done", "at": AT, "by": "李四"},
    {
        "title": "b",
        "state": "current",
        "until": AT,
        "bring": ["card"],
        "url": "/x/",
        "action": "go",
        "detail": "d",
    },
    {"title": "c", "state": "soon"},
    {"title": "d", "state": "late"},
    {"title": "e", "state": "later"},
]
MOMENTS = [
    {"name": EVIL, "at": AT - timedelta(days=1), "state": "past"},
    {"name": "b", "at": AT, "state": "today"},
    {"name": "c", "at": None, "state": "next", "url": "/x/"},
]
REFUSALS = [{"rule": "V7.2", "text": EVIL}]
PAGE = {"total": 1234, "shown": 50, "next": "k", "is_first": False}
PARTS = {
    "form": {"form": sample(), "submit": "ok", "version": 3, "cancel": "/x/"},
    "list_tools": {"filters": Sample(), "export": "/x/"},
    "table": {"columns": [{"name": "a"}, {"name": "b", "kind": "n"}], "rows": [[EVIL, 3]], "caption": "c"},
    "pager": {"page": PAGE},
    "chip": {"state": "late", "text": EVIL},
    "stepper": {"steps": STEPS},
    "timeline": {"moments": MOMENTS},
    "refusals": {"refusals": REFUSALS},
    "why_disabled": {"label": EVIL, "refusals": REFUSALS, "id": "one"},
    "progress": {"job": JOB, "poll_url": "/x/", "cancel_url": "/y/"},
    "figure": {"label": EVIL, "value": "1,234", "hint": "h", "state": "late"},
    "empty": {"text": EVIL, "url": "/x/", "action": "a"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PARTS)
def test_a_part_stands_alone_and_escapes(rf, name, language):
    request = rf.get("/list/?q=x&after=j")
    with speaking(language):
        text = render_to_string(f"web/parts/{name}.html", PARTS[name], request=request)
    assert text.strip()
    assert EVIL not in text
    assert "style=" not in text


@pytest.mark.django_db
def test_a_form_ties_errors_and_help_to_their_fields(rf):
    text = render_to_string("web/parts/form.html", PARTS["form"], request=rf.get("/"))
    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="id_name_helptext id_name_error"' in text
    assert 'id="id_name_helptext"' in text and 'id="id_name_error"' in text
    assert '<input type="hidden" name="version" value="3">' in text
    assert "csrfmiddlewaretoken" in text
    assert text.count("<fieldset") == 1 and "<legend" in text


@pytest.mark.django_db
def test_the_pager_keeps_the_filters_of_the_address(rf):
    text = render_to_string("web/parts/pager.html", {"page": PAGE}, request=rf.get("/list/?q=x&after=j"))
    assert 'href="?q=x&after=k"' in text
    assert 'href="?q=x"' in text


@pytest.mark.django_db
def test_a_browsers_picker_gets_an_iso_date_in_every_language(rf):
    form = Sample(initial={"born_on": AT.date()})
    for language in ("zh", "en"):
        with speaking(language):
            text = render_to_string("web/parts/field.html", {"field": form["born_on"]}, request=rf.get("/"))
        assert f'value="{AT.date().isoformat()}"' in text


def test_the_grey_button_says_why_and_where_it_is_written(rf):
    text = render_to_string("web/parts/why_disabled.html", PARTS["why_disabled"], request=rf.get("/"))
    assert 'aria-disabled="true" aria-describedby="why-one"' in text
    assert 'href="/rules/V7.2/"' in text


def _addresses(
    resolver: URLResolver, before: frozenset[str] = frozenset()
) -> Iterator[tuple[str, frozenset[str]]]:
    """Every named address with the names of what it takes."""
    for found in resolver.url_patterns:
        takes = before | set(found.pattern.converters)
        if isinstance(found, URLResolver):
            yield from _addresses(found, takes)
        elif found.name:
            yield found.name, takes


def test_links_name_what_their_address_takes():
    """`url_if` says nothing where no address fits: a wrong name is a link that leads nowhere, unseen."""
    known = set(_addresses(get_resolver()))
    asked = [
        (path.relative_to(SOURCE), name, frozenset(re.findall(r"(\w+)=", rest)))
        for path in Path(SOURCE, "keju").rglob("*.html")
        for name, rest in NAMED.findall(path.read_text())
        if "=" in rest or " as " in rest or not rest.strip()
    ]
    assert len(asked) > 300
    assert [(str(path), name) for path, name, takes in asked if (name, takes) not in known] == []
