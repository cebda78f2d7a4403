"""Reads ``handovers.yaml``: the kinds of formal handover, with the clause that each stands on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import cast

from keju.rulebook.errors import Problem
from keju.rulebook.handovers import (
    HANDOVER_PLACES,
    HANDOVER_ROLES,
    SIDES,
    HandoverKind,
    HandoverRole,
    Side,
)
from keju.rulebook.model import OWNER_KINDS, Programme
from keju.rulebook.reading.form import Form
from keju.rulebook.yamls import read_yaml

FILE = "handovers.yaml"


def read_handovers(folder: Path, problems: list[Problem]) -> tuple[HandoverKind, ...]:
    """The kinds in the order written; none if the programme has no such file."""
    form = _opened(folder, problems)
    found: dict[str, HandoverKind] = {}
    for entry in form.forms("kinds") if form else ():
        kind = _kind(entry)
        entry.close()
        if kind.code in found:
            entry.complain(entry.spot, "“{code}”重复", "“{code}” is written twice", code=kind.code)
        found.setdefault(kind.code, kind)
    if form is not None:
        form.close()
    return tuple(found.values())


def _kind(entry: Form) -> HandoverKind:
    people = tuple(_role(one) for one in entry.forms("people"))
    for side in SIDES:
        if not any(role.side == side and role.least != 0 for role in people):
            zh, en = "“{side}”一方没有负责人（V10.1）", "nobody answers for the side “{side}” (V10.1)"
            entry.complain(entry.take("people"), zh, en, side=side)
    return HandoverKind(
        code=entry.text("code"),
        name=entry.words("name"),
        rule=entry.clause("rule"),
        origin=_places(entry, "from"),
        target=_places(entry, "to"),
        sender=entry.one_of("sender", OWNER_KINDS),
        receiver=entry.one_of("receiver", OWNER_KINDS),
        people=people,
        receipt=entry.one_of("receipt", OWNER_KINDS) if entry.has("receipt") else "",
        announced=entry.flag("announced"),
        follows=entry.texts("follows", optional=True),
        informs=entry.texts("informs", optional=True),
    )


def _role(form: Form) -> HandoverRole:
    figure = isinstance(form.take("least").value, str)
    found = HandoverRole(
        role=form.one_of("role", HANDOVER_ROLES),
        side=cast(Side, form.one_of("side", SIDES)),
        least=form.text("least") if figure else form.number("least", low=0, high=20),
        posts=form.texts("posts", optional=True),
    )
    form.close()
    return found


def _places(entry: Form, key: str) -> tuple[str, ...]:
    for spot in entry.items(key):
        if spot.value not in HANDOVER_PLACES:
            zh, en = "“{value}”只能是：{choices}", "“{value}” can only be one of: {choices}"
            entry.complain(spot, zh, en, value=spot.value, choices=HANDOVER_PLACES)
    return tuple(str(spot.value) for spot in entry.items(key))


def unhanded(folder: Path, programme: Programme, figures: Collection[str]) -> Iterator[Problem]:
    """A problem for each handover whose clause, post, figure, preceding kind or informed role the programme does not have."""
    form = _opened(folder, [])
    posts = {post.code for post in programme.posts}
    kinds = {kind.code for kind in programme.handovers}
    for entry in form.forms("kinds", optional=True) if form else ():
        spot = entry.take("rule", optional=True)
        if isinstance(spot.value, str) and spot.value not in programme.rules:
            yield spot.problem("rules.yaml中没有条款{id}", "rules.yaml has no clause {id}", id=spot.value)
        for former in entry.items("follows", optional=True):
            if former.value not in kinds:
                yield former.problem("没有交接“{code}”", "there is no handover “{code}”", code=former.value)
        code = entry.take("code", optional=True).value
        after = programme.handover_after(code) if isinstance(code, str) else None
        there = {role.role for role in after.people} if after else set()
        for told in entry.items("informs", optional=True):
            if told.value not in there:
                zh, en = "后一道交接中没有角色“{role}”", "the handover that follows has no role “{role}”"
                yield told.problem(zh, en, role=told.value)
        for role in entry.forms("people", optional=True):
            least = role.take("least", optional=True)
            if isinstance(least.value, str) and least.value.replace(".", "_", 1) not in figures:
                yield least.problem("没有参数“{name}”", "there is no figure “{name}”", name=least.value)
            for post in role.items("posts", optional=True):
                if post.value not in posts:
                    yield post.problem("没有岗位“{code}”", "there is no post “{code}”", code=post.value)


def _opened(folder: Path, problems: list[Problem]) -> Form | None:
    spot = read_yaml(folder / FILE, FILE, problems) if (folder / FILE).exists() else None
    return None if spot is None else Form(spot, problems)
