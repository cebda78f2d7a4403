"""Reads ``training.yaml``: handbooks, modules with their questions, who needs which."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from keju.rulebook.errors import Problem
from keju.rulebook.model import STAGES, Programme
from keju.rulebook.reading.form import Form
from keju.rulebook.teaching import CheckQuestion, Handbook, Module, Teaching
from keju.rulebook.words import Words, places, t
from keju.rulebook.yamls import Spot, read_yaml

FILE = "training.yaml"
FEWEST = 12
"""Questions of a shipped pool: fewer, and everybody soon knows them all."""


def read_teaching(folder: Path, problems: list[Problem]) -> Teaching:
    """What the file says; nothing if the programme has no such file."""
    form = _opened(folder, problems)
    if form is None:
        return Teaching()
    found = Teaching(
        handbooks=tuple(_handbook(entry) for entry in form.forms("handbooks", optional=True)),
        modules=tuple(_module(entry) for entry in form.forms("modules")),
        roles=dict(_role(entry) for entry in form.forms("roles", optional=True)),
        practice=form.texts("practice", optional=True),
    )
    form.close()
    return found


def taught(base: Teaching | None, own: Teaching, gone: Collection[str]) -> Teaching:
    """What is adopted, without questions of clauses that are ``gone``, and over it the programme's own, by code."""
    if base is None:
        return own
    kept = {m.code: _without(m, gone) for m in base.modules if m.rule not in gone}
    return Teaching(
        handbooks=tuple({h.code: h for h in (*base.handbooks, *own.handbooks)}.values()),
        modules=tuple((kept | {m.code: m for m in own.modules}).values()),
        roles={**base.roles, **own.roles},
        practice=own.practice or base.practice,
    )


def groundless(folder: Path, programme: Programme, figures: Collection[str]) -> Iterator[Problem]:
    """A problem for each clause, figure, handbook, module or stage that the programme does not have."""
    whole, rules = programme.teaching, programme.rules
    yield from _posts(programme)
    form = _opened(folder, [])
    if form is None:
        return
    modules, handbooks = {m.code for m in whole.modules}, {h.code for h in whole.handbooks}
    for spot in form.items("practice", optional=True):
        yield from _unless(spot, STAGES)
    for role in form.forms("roles", optional=True):
        for spot in role.items("modules"):
            yield from _unless(spot, modules)
    for module in form.forms("modules"):
        yield from _unless(module.take("rule"), rules)
        yield from _unless(module.take("handbook"), handbooks)
        count = 0
        for question in module.forms("questions"):
            count += 1
            yield from _unless(question.take("rule"), rules)
            yield from _figures(question, figures)
        if count < FEWEST:
            zh, en = "题目不足{least}道", "fewer than {least} questions"
            yield module.take("questions").problem(zh, en, least=FEWEST)


def _posts(programme: Programme) -> Iterator[Problem]:
    """What posts ask to be taught (``needs: {training: …}``) is a module."""
    known = {m.code for m in programme.teaching.modules}
    for post in programme.posts:
        for code in post.needs.training:
            if code not in known:
                words = t(
                    "岗位{post}需要的模块“{code}”不存在",
                    "post {post} needs the module “{code}”, which is not there",
                )
                yield Problem("programme.yaml", 0, "posts", words.format(post=post.code, code=code))


def _handbook(form: Form) -> Handbook:
    found = Handbook(form.text("code"), form.words("name"))
    form.close()
    return found


def _role(form: Form) -> tuple[str, tuple[str, ...]]:
    found = form.text("role"), form.texts("modules")
    form.close()
    return found


def _module(form: Form) -> Module:
    found = Module(
        code=form.text("code"),
        name=form.words("name"),
        rule=form.clause("rule"),
        handbook=form.text("handbook"),
        questions=tuple(_question(entry) for entry in form.forms("questions")),
        pledge=form.maybe_words("pledge"),
    )
    codes = [question.code for question in found.questions]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        form.complain(form.take("questions"), "“{code}”重复", "“{code}” is written twice", code=code)
    form.close()
    return found


def _question(form: Form) -> CheckQuestion:
    found = CheckQuestion(
        code=form.text("code"),
        rule=form.clause("rule"),
        words=form.words("words"),
        right=form.words("right"),
        wrong=tuple(form.both(spot, "wrong") for spot in form.items("wrong")),
    )
    form.close()
    return found


def _without(module: Module, gone: Collection[str]) -> Module:
    kept = tuple(q for q in module.questions if q.rule not in gone)
    return Module(module.code, module.name, module.rule, module.handbook, kept, module.pledge)


def _unless(spot: Spot, known: Collection[str]) -> Iterator[Problem]:
    if isinstance(spot.value, str) and spot.value not in known:
        yield spot.problem("本项目没有“{what}”", "this programme has no “{what}”", what=spot.value)


def _figures(question: Form, figures: Collection[str]) -> Iterator[Problem]:
    every: Mapping[str, Words] = {key: question.words(key) for key in ("words", "right")}
    for key, words in every.items():
        for name in sorted((places(words.zh) | places(words.en)) - set(figures)):
            yield question.take(key).problem("没有参数“{name}”", "there is no figure “{name}”", name=name)


def _opened(folder: Path, problems: list[Problem]) -> Form | None:
    spot = read_yaml(folder / FILE, FILE, problems) if (folder / FILE).exists() else None
    return None if spot is None else Form(spot, problems)
