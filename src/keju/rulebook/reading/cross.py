"""What one part of a programme says of another: every name that is used must exist, every figure must fit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from keju.rulebook.errors import Problem
from keju.rulebook.model import DueSpec, Programme
from keju.rulebook.yamls import Spot

_DISCHARGE = re.compile(r"manual|[a-z_]+(\.[a-z_]+){2}")


def cross_check(programme: Programme, spot: Spot) -> Iterator[Problem]:
    """Problems between the parts; ``spot`` is the root of ``programme.yaml``, for the lines."""
    yield from _unique_codes(spot)
    yield from _long_codes(spot)
    yield from _subjects(programme, spot)
    yield from _ticket(programme, spot)
    yield from _duties(programme, spot)
    yield from _clauses_named(programme, spot)
    yield from _deadlines(programme, spot)


def rows(spot: Spot, section: str) -> list[Spot]:
    """The entries of a list section; none if it is not written or is no list."""
    found = _at(spot, section)
    return (
        [row for row in found.value if isinstance(row.value, dict)] if isinstance(found.value, list) else []
    )


def _at(spot: Spot, *path: str) -> Spot:
    """The spot under the keys, or the nearest one above it that is written, with no value."""
    for key in path:
        inner = spot.value.get(key) if isinstance(spot.value, dict) else None
        if inner is None:
            return Spot(None, spot.file, spot.line, f"{spot.place}.{key}".lstrip("."))
        spot = inner
    return spot


_KEYS = {
    **dict.fromkeys(
        ("categories", "levels", "subjects", "posts", "documents", "identity", "routes", "needs"), "code"
    ),
    "sessions": "number",
    "milestones": "key",
}


def _unique_codes(spot: Spot) -> Iterator[Problem]:
    for section, key in _KEYS.items():
        yield from _twice([_at(row, key) for row in rows(spot, section)])
    yield from _twice([_at(row, "order") for row in rows(spot, "milestones")])
    codes = [_at(row, "code") if "code" in row.value else _at(row, "rule") for row in rows(spot, "duties")]
    yield from _twice(codes)


#: As long as the columns are that keep them.
_LONGEST = {
    "posts": 40,
    "categories": 20,
    "levels": 20,
    "routes": 20,
    "subjects": 30,
    "milestones": 40,
    "duties": 40,
}


def _long_codes(spot: Spot) -> Iterator[Problem]:
    named = [(spot, "code", 40)]
    for section, most in _LONGEST.items():
        named += [(row, _KEYS.get(section, "code"), most) for row in rows(spot, section)]
    for row, key, most in named:
        code = _at(row, key)
        if isinstance(code.value, str) and len(code.value) > most:
            zh, en = "“{key}”最多{most}个字符", "“{key}” has at most {most} characters"
            yield code.problem(zh, en, key=key, most=most)


def _twice(spots: list[Spot]) -> Iterator[Problem]:
    seen: dict[object, int] = {}
    for spot in spots:
        if spot.value is None or isinstance(spot.value, dict | list):
            continue
        if spot.value in seen:
            zh, en = "“{value}”重复（第一次在第{line}行）", "“{value}” occurs twice (first in line {line})"
            yield spot.problem(zh, en, value=spot.value, line=seen[spot.value])
        seen.setdefault(spot.value, spot.line)


def _unknown(spot: Spot, known: Collection[object], zh: str, en: str) -> Iterator[Problem]:
    """A problem if the value is none of the known ones."""
    if spot.value is not None and not isinstance(spot.value, dict | list) and spot.value not in known:
        yield spot.problem(
            f"没有{zh}“{{value}}”；有：{{known}}",
            f"there is no {en} “{{value}}”; there are: {{known}}",
            value=spot.value,
            known=tuple(known),
        )


def _subjects(programme: Programme, spot: Spot) -> Iterator[Problem]:
    sessions = tuple(session.number for session in programme.sessions)
    categories = tuple(category.code for category in programme.categories)
    for row in rows(spot, "subjects"):
        yield from _unknown(_at(row, "session"), sessions, "场次", "session")
        listed = _at(row, "categories")
        for item in listed.value if isinstance(listed.value, list) else []:
            yield from _unknown(item, categories, "类别", "category")
        if listed.value == []:
            yield listed.problem("科目没有适用的类别", "the subject is sat by no category")
    for category in categories:
        sat = [(subject.session, subject.order) for subject in programme.subjects_of(category)]
        where = _at(spot, "subjects")
        if not sat:
            zh, en = "类别“{code}”没有科目", "category “{code}” has no subject"
            yield where.problem(zh, en, code=category)
        for session, order in sorted({place for place in sat if sat.count(place) > 1}):
            zh = "类别“{code}”在第{session}场有两个第{order}科"
            en = "category “{code}” has two subjects at place {order} of session {session}"
            yield where.problem(zh, en, code=category, session=session, order=order)


_WIDTHS = {
    "year": (2, 4),
    "region": (2, 2),
    "point": (2, 4),
    "site": (1, 3),
    "room": (2, 4),
    "serial": (2, 8),
}


def _ticket(programme: Programme, spot: Spot) -> Iterator[Problem]:
    if _at(spot, "ticket").value is None:
        return
    segments = _at(spot, "ticket", "segments")
    yield from _twice([_at(row, "what") for row in rows(_at(spot, "ticket"), "segments")])
    names = [segment.what for segment in programme.ticket.segments]
    if names.count("serial") != 1 or names[-1] != "serial":
        yield segments.problem(
            "准考证号的最后一段应为serial（顺序号）", "a ticket number must end with its “serial”"
        )
    for row, segment in zip(rows(_at(spot, "ticket"), "segments"), programme.ticket.segments):
        low, high = _WIDTHS[segment.what]
        if not low <= segment.width <= high:
            zh, en = "“{what}”应为{low}至{high}位", "“{what}” must have {low} to {high} digits"
            yield _at(row, "width").problem(zh, en, what=segment.what, low=low, high=high)
    width = sum(segment.width for segment in programme.ticket.segments if segment.what == "serial")
    if width and programme.ticket.serial_max >= 10**width:
        zh = "顺序号只有{width}位，放不下{most}"
        en = "the serial has {width} digits and cannot hold {most}"
        where = _at(spot, "ticket", "serial_max")
        yield where.problem(zh, en, width=width, most=programme.ticket.serial_max)


def _duties(programme: Programme, spot: Spot) -> Iterator[Problem]:
    milestones = tuple(milestone.key for milestone in programme.milestones)
    for row in rows(spot, "duties"):
        due = _at(row, "due")
        yield from _unknown(_at(due, "milestone"), milestones, "节点", "milestone")
        yield from _unknown(_at(row, "daily_until"), milestones, "节点", "milestone")
        discharge = _at(row, "discharge")
        if isinstance(discharge.value, str) and not _DISCHARGE.fullmatch(discharge.value):
            zh = "discharge应为manual，或事件名如fees.payment.recorded"
            yield discharge.problem(zh, "“discharge” is manual, or an event like fees.payment.recorded")
    for duty in programme.duties:
        if isinstance(duty.due, DueSpec) and duty.due.param and duty.due.n == 0:
            zh, en = "没有整数参数“{name}”", "there is no whole-number parameter “{name}”"
            yield _at(spot, "duties").problem(zh, en, name=duty.due.param)


def _clauses_named(programme: Programme, spot: Spot) -> Iterator[Problem]:
    named = [_at(row, "rule") for section in ("duties", "routes") for row in rows(spot, section)]
    for row in rows(spot, "documents"):
        listed = _at(row, "rules")
        named += listed.value if isinstance(listed.value, list) else []
    for clause in named:
        yield from unknown_clause(programme, clause)


def unknown_clause(programme: Programme, spot: Spot) -> Iterator[Problem]:
    """A problem if the spot names a clause that the programme does not have."""
    if isinstance(spot.value, str) and spot.value not in programme.rules:
        zh, en = "rules.yaml中没有条款{id}", "rules.yaml has no clause {id}"
        yield spot.problem(zh, en, id=spot.value)


def _deadlines(programme: Programme, spot: Spot) -> Iterator[Problem]:
    owed = {duty.rule for duty in programme.duties}
    for clause in programme.rules.values():
        if clause.kind == "deadline" and clause.id not in owed:
            zh = "条款{id}是期限条款，但duties中没有对应义务"
            en = "clause {id} sets a deadline, but no duty stands for it"
            yield _at(spot, "duties").problem(zh, en, id=clause.id)
