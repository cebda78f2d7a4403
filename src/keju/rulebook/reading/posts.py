"""Reads the posts of ``programme.yaml``: who fills them, appointed by whom, how many, and what must hold of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import cast

from keju.rulebook.errors import Problem
from keju.rulebook.model import OWNER_KINDS, PER, OwnerKind, Per, Post, PostNeeds, PostQuota
from keju.rulebook.reading.cross import rows
from keju.rulebook.reading.form import Form
from keju.rulebook.yamls import Spot

#: what a post is counted by, by the kind of office where it is
_COUNTED_BY: Mapping[str, tuple[Per, ...]] = {
    "region": ("region",),
    "point": ("point",),
    "site": ("site", "floor", "room"),
}
_RANK = {"committee": 0, "office": 0, "centre": 0, "region": 1, "point": 2, "site": 3}


def read_post(form: Form) -> Post:
    """One entry of ``posts``; closed."""
    post = Post(
        code=form.text("code"),
        name=form.words("name"),
        at=cast(OwnerKind, form.one_of("at", OWNER_KINDS)),
        rule=form.clause("rule"),
        holder=form.maybe_words("holder"),
        appointed_by=cast(OwnerKind, form.one_of("appointed_by", OWNER_KINDS)),
        quota=_quota(Form(form.take("quota"), form.problems)) if form.has("quota") else None,
        needs=_needs(Form(form.take("needs"), form.problems)) if form.has("needs") else PostNeeds(),
        keeps_papers=form.flag("keeps_papers"),
        accompanies=form.flag("accompanies"),
    )
    for key in ("quota", "needs"):
        form.take(key, optional=True)
    form.close()
    return post


def _quota(form: Form) -> PostQuota:
    quota = PostQuota(
        per=cast(Per, form.one_of("per", PER)),
        min=_count(form, "min") if form.has("min") else form.number("min"),
        max=_count(form, "max") if form.has("max") else None,
        used_only=form.flag("used_only"),
    )
    form.take("max", optional=True)
    form.close()
    return quota


def _count(form: Form, key: str) -> int | str:
    """A figure, or the name of one among the parameters."""
    if isinstance(form.take(key).value, str):
        return form.text(key)
    return form.number(key, low=0, high=1000)


def _needs(form: Form) -> PostNeeds:
    needs = PostNeeds(
        recusal=form.flag("recusal"),
        sector_ban=form.flag("sector_ban"),
        training=form.texts("training", optional=True),
        permanent=form.flag("permanent"),
        letter=form.flag("letter"),
    )
    form.close()
    return needs


def unsound_posts(root: Spot, rules: Collection[str], figures: Mapping[str, int]) -> Iterator[Problem]:
    """A problem for each post of no clause, counted by what it is not of, appointed from below, or of no possible count."""
    for row in rows(root, "posts"):
        value = row.value
        rule = value.get("rule")
        if rule is not None and isinstance(rule.value, str) and rule.value not in rules:
            yield rule.problem("rules.yaml中没有条款{id}", "rules.yaml has no clause {id}", id=rule.value)
        at, by = _text(value, "at"), value.get("appointed_by")
        if by is not None and at in _RANK and by.value in _RANK and _RANK[by.value] > _RANK[at]:
            zh = "“{at}”的岗位不能由下级（{by}）任命"
            en = "a post at a {at} cannot be appointed by what is below it ({by})"
            yield by.problem(zh, en, at=at, by=by.value)
        quota = value.get("quota")
        if quota is not None and isinstance(quota.value, dict):
            yield from _unsound_quota(quota, at, figures)


def _unsound_quota(quota: Spot, at: str, figures: Mapping[str, int]) -> Iterator[Problem]:
    per = quota.value.get("per")
    known = _COUNTED_BY.get(at, ())
    if per is not None and per.value in PER and per.value not in known:
        zh = "设在“{at}”的岗位只能按{known}计数，不能按“{per}”"
        en = "a post at a {at} is counted per {known}, not per {per}"
        yield per.problem(zh, en, at=at, known=known, per=per.value)
    counts: dict[str, int] = {}
    for key in ("min", "max"):
        spot = quota.value.get(key)
        if spot is None:
            continue
        if isinstance(spot.value, str) and spot.value not in figures:
            zh, en = "没有整数参数“{name}”", "there is no whole-number parameter “{name}”"
            yield spot.problem(zh, en, name=spot.value)
        elif isinstance(spot.value, str):
            counts[key] = figures[spot.value]
        elif isinstance(spot.value, int):
            counts[key] = spot.value
    if len(counts) == 2 and counts["max"] < counts["min"]:
        zh, en = "最多{max}人少于最少{min}人", "at most {max} is less than at least {min}"
        yield quota.problem(zh, en, min=counts["min"], max=counts["max"])


def _text(value: dict[str, Spot], key: str) -> str:
    spot = value.get(key)
    return spot.value if spot is not None and isinstance(spot.value, str) else ""
