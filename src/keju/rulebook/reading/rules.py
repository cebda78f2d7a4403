"""Reads ``rules.yaml`` and ``refusals/<stage>.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from keju.rulebook.errors import Problem
from keju.rulebook.model import KINDS, STAGES, Clause, Kind
from keju.rulebook.reading.form import Form
from keju.rulebook.words import Words, places, stray_braces
from keju.rulebook.yamls import Spot, read_yaml


def read_rules(folder: Path, problems: list[Problem]) -> dict[str, Clause]:
    """The clauses of the programme by id, in the order of the file."""
    spot = read_yaml(folder / "rules.yaml", "rules.yaml", problems)
    if spot is None:
        return {}
    form = Form(spot, problems)
    rules: dict[str, Clause] = {}
    for entry in form.forms("rules"):
        clause = _clause(entry)
        if clause.id in rules:
            entry.complain(entry.spot, "条款“{id}”重复", "clause “{id}” is written twice", id=clause.id)
        rules.setdefault(clause.id, clause)
    form.close()
    return rules


def _clause(form: Form) -> Clause:
    clause = Clause(
        id=form.clause("id"),
        stage=form.one_of("stage", STAGES),
        kind=cast(Kind, form.one_of("kind", KINDS)),
        who=form.words("who"),
        text=form.words("text"),
        done=form.words("done"),
        note=form.maybe_words("note"),
    )
    form.close()
    return clause


def read_refusals(folder: Path, problems: list[Problem]) -> dict[str, Words]:
    """The words of every refusal code, over all files of ``refusals/``; none if there is no such folder."""
    found: dict[str, Words] = {}
    origin: dict[str, str] = {}
    for path in sorted((folder / "refusals").glob("*.yaml")):
        shown = f"refusals/{path.name}"
        spot = read_yaml(path, shown, problems)
        if spot is None:
            continue
        form = Form(spot, problems)
        for code, words in (spot.value if isinstance(spot.value, dict) else {}).items():
            if code in found:
                zh, en = "“{code}”已写在{other}中", "“{code}” is already in {other}"
                form.complain(words, zh, en, code=code, other=origin[code])
                continue
            found[code], origin[code] = _template(form, words, code), shown
    return found


def _template(form: Form, spot: Spot, code: str) -> Words:
    words = form.both(spot, code)
    for text in (words.zh, words.en):
        if stray_braces(text):
            zh = "占位符应写作{{名称}}，名称只含字母、数字和下划线：{text}"
            en = "a placeholder is written {{name}}, of letters, digits and underscores: {text}"
            form.complain(spot, zh, en, text=text)
    if words.zh and words.en and places(words.zh) != places(words.en):
        odd = sorted(places(words.zh) ^ places(words.en))
        zh, en = "中英文用的占位符不同：{odd}", "the two languages use different placeholders: {odd}"
        form.complain(spot, zh, en, odd=odd)
    return words
