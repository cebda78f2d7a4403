"""Reads ``faq.yaml``: what candidates ask, with the clause that each answer rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from keju.rulebook.errors import Problem
from keju.rulebook.model import Question
from keju.rulebook.reading.form import Form
from keju.rulebook.words import places
from keju.rulebook.yamls import read_yaml

FILE = "faq.yaml"


def read_faq(folder: Path, problems: list[Problem]) -> tuple[Question, ...]:
    """The questions in the order written; none if the programme has no such file."""
    form = _opened(folder, problems)
    if form is None:
        return ()
    found: dict[str, Question] = {}
    for entry in form.forms("questions"):
        question = Question(
            code=entry.text("code"),
            question=entry.words("question"),
            answer=entry.words("answer"),
            rule=entry.clause("rule"),
        )
        entry.close()
        if question.code in found:
            entry.complain(entry.spot, "“{code}”重复", "“{code}” is written twice", code=question.code)
        found.setdefault(question.code, question)
    form.close()
    return tuple(found.values())


def unfounded(folder: Path, rules: Collection[str], figures: Collection[str]) -> Iterator[Problem]:
    """A problem for each answer that rests on a clause, or names a figure, which the programme does not have.

    A figure is named {fees_refund_working_days}: the parameter refund_working_days of the stage fees.
    """
    form = _opened(folder, [])
    for entry in form.forms("questions", optional=True) if form else ():
        spot = entry.take("rule", optional=True)
        if isinstance(spot.value, str) and spot.value not in rules:
            yield spot.problem("rules.yaml中没有条款{id}", "rules.yaml has no clause {id}", id=spot.value)
        answer = entry.words("answer")
        for name in sorted((places(answer.zh) | places(answer.en)) - set(figures)):
            zh, en = "没有参数“{name}”", "there is no figure “{name}”"
            yield entry.take("answer").problem(zh, en, name=name)


def _opened(folder: Path, problems: list[Problem]) -> Form | None:
    spot = read_yaml(folder / FILE, FILE, problems) if (folder / FILE).exists() else None
    return None if spot is None else Form(spot, problems)
