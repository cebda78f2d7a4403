"""Reads ``rosters.yaml``: which rosters the programme's offices keep, with the clause that asks for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import cast

from keju.rulebook.errors import Problem
from keju.rulebook.model import OWNER_KINDS, Programme
from keju.rulebook.reading.form import Form
from keju.rulebook.rosters import SPANS_OF, RosterKind, RosterSpan, SpanOf
from keju.rulebook.yamls import Spot, read_yaml

FILE = "rosters.yaml"


def read_rosters(folder: Path, problems: list[Problem]) -> tuple[tuple[RosterKind, ...], tuple[str, ...]]:
    """The kinds in the order written, and the posts of responsible persons; none if the programme has no such file."""
    form = _opened(folder, problems)
    if form is None:
        return (), ()
    responsible = _texts(form, "responsible")
    found: dict[str, RosterKind] = {}
    for entry in form.forms("kinds", optional=True):
        kind = _kind(entry)
        entry.close()
        if kind.code in found:
            entry.complain(entry.spot, "“{code}”重复", "“{code}” is written twice", code=kind.code)
        found.setdefault(kind.code, kind)
    form.close()
    return tuple(found.values()), responsible


def _kind(entry: Form) -> RosterKind:
    at = [_among(entry, spot, OWNER_KINDS) for spot in entry.items("at")]
    return RosterKind(
        code=entry.text("code"),
        name=entry.words("name"),
        rule=entry.clause("rule"),
        at=tuple(at),
        span=_span(Form(entry.take("span"), entry.problems)),
        posts=_texts(entry, "posts"),
        never=_texts(entry, "never"),
        least=entry.number("least", 1, low=1, high=20, optional=True),
        shift_minutes=60 * entry.number("shift_hours", 8, low=1, high=12, optional=True),
        by_floor=entry.flag("by_floor"),
        must=entry.flag("must"),
        permanent=entry.flag("permanent"),
    )


def _span(form: Form) -> RosterSpan:
    of = cast(SpanOf, form.one_of("of", SPANS_OF))
    sessions = of == "sessions"
    span = RosterSpan(
        of=of,
        begins="" if sessions else form.text("from"),
        ends="" if sessions else form.text("until"),
        days_before=form.number("days_before", 0, high=30, optional=True) if of == "exam_days" else 0,
        before_minutes=form.number("before_minutes", high=24 * 60) if sessions else 0,
        after_minutes=form.number("after_minutes", high=24 * 60) if sessions else 0,
    )
    form.close()
    return span


def _texts(entry: Form, key: str) -> tuple[str, ...]:
    return tuple(str(spot.value) for spot in entry.items(key, optional=True))


def _among(entry: Form, spot: Spot, choices: tuple[str, ...]) -> str:
    if spot.value not in choices:
        zh, en = "“{value}”只能是：{choices}", "“{value}” can only be one of: {choices}"
        entry.complain(spot, zh, en, value=spot.value, choices=choices)
    return str(spot.value)


def homeless(folder: Path, programme: Programme, figures: Collection[str]) -> Iterator[Problem]:
    """A problem for each roster whose clause, post, milestone or time of day the programme does not have."""
    form = _opened(folder, [])
    posts = {post.code for post in programme.posts}
    milestones = {milestone.key for milestone in programme.milestones}
    for post in form.items("responsible", optional=True) if form else ():
        if post.value not in posts:
            yield post.problem("没有岗位“{code}”", "there is no post “{code}”", code=post.value)
    for entry in form.forms("kinds", optional=True) if form else ():
        spot = entry.take("rule", optional=True)
        if isinstance(spot.value, str) and spot.value not in programme.rules:
            yield spot.problem("rules.yaml中没有条款{id}", "rules.yaml has no clause {id}", id=spot.value)
        for key in ("posts", "never"):
            for post in entry.items(key, optional=True):
                if post.value not in posts:
                    yield post.problem("没有岗位“{code}”", "there is no post “{code}”", code=post.value)
        yield from _ends(Form(entry.take("span"), []), milestones, figures)


def _ends(form: Form, milestones: Collection[str], figures: Collection[str]) -> Iterator[Problem]:
    of = form.take("of", optional=True).value
    for key in ("from", "until") if of in ("exam_days", "milestones") else ():
        spot = form.take(key, optional=True)
        name = str(spot.value)
        if of == "milestones" and name not in milestones:
            yield spot.problem("没有节点“{name}”", "there is no milestone “{name}”", name=name)
        if of == "exam_days" and name.replace(".", "_") not in figures:
            yield spot.problem("没有参数“{name}”", "there is no figure “{name}”", name=name)


def _opened(folder: Path, problems: list[Problem]) -> Form | None:
    spot = read_yaml(folder / FILE, FILE, problems) if (folder / FILE).exists() else None
    return None if spot is None else Form(spot, problems)
