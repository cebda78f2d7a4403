"""Reads ``checklist.yaml``: what people look at and answer for, with the clause that asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import cast

from keju.rulebook.errors import Problem
from keju.rulebook.model import CHECKED_BY, CHECKED_THINGS, CheckedBy, CheckedThing, CheckItem
from keju.rulebook.reading.form import Form
from keju.rulebook.words import places
from keju.rulebook.yamls import read_yaml

FILE = "checklist.yaml"


def read_checklist(folder: Path, problems: list[Problem]) -> tuple[CheckItem, ...]:
    """The items in the order written; none if the programme has no such file."""
    form = _opened(folder, problems)
    if form is None:
        return ()
    found: dict[str, CheckItem] = {}
    for entry in form.forms("items"):
        item = CheckItem(
            code=entry.text("code"),
            words=entry.words("words"),
            rule=entry.clause("rule"),
            of=cast(CheckedThing, entry.one_of("of", CHECKED_THINGS)),
            by=cast(CheckedBy, entry.one_of("by", CHECKED_BY)),
        )
        entry.close()
        if item.code in found:
            entry.complain(entry.spot, "“{code}”重复", "“{code}” is written twice", code=item.code)
        found.setdefault(item.code, item)
    form.close()
    return tuple(found.values())


def baseless(folder: Path, rules: Collection[str], figures: Collection[str]) -> Iterator[Problem]:
    """A problem for each item of a clause, or with a figure, that the programme does not have."""
    form = _opened(folder, [])
    for entry in form.forms("items", optional=True) if form else ():
        spot = entry.take("rule", optional=True)
        if isinstance(spot.value, str) and spot.value not in rules:
            yield spot.problem("rules.yaml中没有条款{id}", "rules.yaml has no clause {id}", id=spot.value)
        words = entry.words("words")
        for name in sorted((places(words.zh) | places(words.en)) - set(figures)):
            zh, en = "没有参数“{name}”", "there is no figure “{name}”"
            yield entry.take("words").problem(zh, en, name=name)


def _opened(folder: Path, problems: list[Problem]) -> Form | None:
    spot = read_yaml(folder / FILE, FILE, problems) if (folder / FILE).exists() else None
    return None if spot is None else Form(spot, problems)
