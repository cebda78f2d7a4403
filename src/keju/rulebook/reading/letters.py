"""Reads ``letters.yaml``: who signs which letter of responsibility, and who answers for which task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TypeVar, cast

from keju.rulebook.errors import Problem
from keju.rulebook.reading.form import Form
from keju.rulebook.responsibility import (
    SIGNING_OFFICES,
    Chain,
    LetterKind,
    Responsibility,
    SigningOffice,
    Task,
)
from keju.rulebook.yamls import read_yaml

FILE = "letters.yaml"
One = TypeVar("One")


def read_letters(folder: Path, problems: list[Problem]) -> Responsibility:
    """What the folder's own file writes; an absent file writes nothing."""
    form = _opened(folder, problems)
    if form is None:
        return Responsibility()
    found = Responsibility(
        letters=_all(form, "letters", _letter),
        chains=_all(form, "chains", _chain),
        tasks=_all(form, "tasks", _task),
    )
    form.close()
    return found


def unheld(folder: Path, rules: Collection[str], posts: Collection[str]) -> Iterator[Problem]:
    """A problem for each clause and post that the file names and that the programme does not have."""
    form = _opened(folder, [])
    if form is None:
        return
    for section in ("letters", "chains", "tasks"):
        for entry in form.forms(section, optional=True):
            rule = entry.take("rule", optional=True)
            if isinstance(rule.value, str) and rule.value not in rules:
                yield rule.problem("rules.yaml中没有条款{id}", "rules.yaml has no clause {id}", id=rule.value)
            named = [entry.take(key, optional=True) for key in ("first", "direct")]
            for spot in (*entry.items("posts", optional=True), *named):
                if isinstance(spot.value, str) and spot.value not in posts:
                    yield spot.problem("没有岗位“{code}”", "there is no post “{code}”", code=spot.value)


def _all(form: Form, section: str, read: Callable[[Form], One]) -> tuple[One, ...]:
    found = []
    for entry in form.forms(section, optional=True):
        found.append(read(entry))
        entry.close()
    return tuple(found)


def _letter(entry: Form) -> LetterKind:
    return LetterKind(
        code=entry.text("code"),
        rule=entry.clause("rule"),
        above=cast(SigningOffice, entry.one_of("from", SIGNING_OFFICES)),
        posts=_texts(entry, "posts"),
        title=entry.words("title"),
        undertakes=tuple(entry.both(spot, "undertakes") for spot in entry.items("undertakes")),
    )


def _chain(entry: Form) -> Chain:
    return Chain(
        at=cast(SigningOffice, entry.one_of("at", SIGNING_OFFICES)),
        rule=entry.clause("rule"),
        first=entry.text("first"),
        direct=entry.text("direct", optional=True),
    )


def _task(entry: Form) -> Task:
    return Task(
        code=entry.text("code"),
        at=cast(SigningOffice, entry.one_of("at", SIGNING_OFFICES)),
        rule=entry.clause("rule"),
        words=entry.words("task"),
        posts=_texts(entry, "posts"),
    )


def _texts(entry: Form, key: str) -> tuple[str, ...]:
    return tuple(str(spot.value) for spot in entry.items(key))


def _opened(folder: Path, problems: list[Problem]) -> Form | None:
    spot = read_yaml(folder / FILE, FILE, problems) if (folder / FILE).exists() else None
    return None if spot is None else Form(spot, problems)
