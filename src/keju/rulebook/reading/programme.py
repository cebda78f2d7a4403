"""Reads ``programme.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar, cast

from keju.algorithms.identity import DOCUMENT_KINDS, DocumentKind
from keju.rulebook.errors import Problem
from keju.rulebook.model import (
    OWNER_KINDS,
    STAGES,
    UNITS,
    Category,
    Document,
    DueSpec,
    DutySpec,
    FixedDay,
    Level,
    Material,
    Milestone,
    NeedKind,
    OwnerKind,
    Post,
    Route,
    Segment,
    Session,
    Subject,
    TicketLayout,
    Unit,
    When,
)
from keju.rulebook.reading.form import Form
from keju.rulebook.reading.posts import read_post
from keju.rulebook.words import Words, t
from keju.rulebook.yamls import read_yaml

T = TypeVar("T")

SEGMENTS = ("year", "region", "point", "site", "room", "serial")
REGION_KINDS = ("provinces",)


@dataclass
class Written:
    """What ``programme.yaml`` itself says; empty where it is silent and the adopted programme speaks."""

    code: str = ""
    name: Words = field(default_factory=lambda: t("", ""))
    adopts: str | None = None
    first_year: int = 0
    regions: str = ""
    card: str = ""
    without: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    levels: tuple[Level, ...] = ()
    subjects: tuple[Subject, ...] = ()
    sessions: tuple[Session, ...] = ()
    ticket: TicketLayout | None = None
    posts: tuple[Post, ...] = ()
    duties: tuple[DutySpec, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    documents: tuple[Document, ...] = ()
    identity: tuple[Material, ...] = ()
    routes: tuple[Route, ...] = ()
    needs: tuple[NeedKind, ...] = ()
    identity_documents: tuple[DocumentKind, ...] = ()
    form: Form | None = None


def read_programme(folder: Path, problems: list[Problem]) -> Written:
    """What the file says, as far as it can be understood; everything else is among the problems."""
    spot = read_yaml(folder / "programme.yaml", "programme.yaml", problems)
    if spot is None:
        return Written(code=folder.name)
    form = Form(spot, problems)
    adopts = form.text("adopts", optional=True) or None
    inherits = adopts is not None
    written = Written(
        code=form.text("code"),
        name=form.words("name"),
        adopts=adopts,
        first_year=form.number("first_year", low=1950, high=2200),
        regions=form.one_of("regions", REGION_KINDS) if form.has("regions") or not inherits else "",
        card=form.text("card") if form.has("card") or not inherits else "",
        without=form.texts("without", optional=True),
        identity_documents=tuple(_document_kinds(form)),
        ticket=_ticket(form) if form.has("ticket") or not inherits else None,
        form=form,
    )
    for name, read in _SECTIONS.items():
        setattr(written, name, tuple(read(entry) for entry in form.forms(name, optional=inherits)))
    form.take("ticket", optional=True)
    form.take("regions", optional=True)
    form.take("card", optional=True)
    form.close()
    if written.code and written.code != folder.name:
        zh, en = "code应与文件夹同名（{folder}）", "“code” must be the name of the folder ({folder})"
        form.complain(form.take("code"), zh, en, folder=folder.name)
    return written


def _document_kinds(form: Form) -> Iterator[DocumentKind]:
    for spot in form.items("identity_documents", optional=True):
        kind = next((k for k in DOCUMENT_KINDS if k == spot.value), None)
        if kind is None:
            zh = "证件种类只能是：{known}"
            en = "a kind of identity document is one of: {known}"
            form.complain(spot, zh, en, known=DOCUMENT_KINDS)
        else:
            yield kind


def _closing(read: Callable[[Form], T]) -> Callable[[Form], T]:
    def reading(form: Form) -> T:
        found = read(form)
        form.close()
        return found

    return reading


def _ticket(form: Form) -> TicketLayout:
    inner = Form(form.take("ticket"), form.problems)
    segments = tuple(_segment(entry) for entry in inner.forms("segments"))
    layout = TicketLayout(segments, inner.number("serial_max", 1, low=1))
    inner.close()
    return layout


@_closing
def _segment(form: Form) -> Segment:
    return Segment(form.one_of("what", SEGMENTS), form.number("width", 1, low=1, high=10))


@_closing
def _category(form: Form) -> Category:
    return Category(form.text("code"), form.words("name"))


@_closing
def _level(form: Form) -> Level:
    return Level(form.text("code"), form.words("name"))


@_closing
def _session(form: Form) -> Session:
    starts, ends = form.clock("starts"), form.clock("ends")
    if starts and ends and ends <= starts:
        form.complain(form.take("ends"), "结束时间应晚于开始时间", "the end must be later than the start")
    return Session(
        number=form.number("number", 1, low=1, high=20),
        name=form.words("name"),
        starts=starts or time(0),
        ends=ends or time(0),
        day=form.number("day", 1, low=1, high=10, optional=True),
    )


@_closing
def _subject(form: Form) -> Subject:
    options = form.text("options")
    if options and (len(set(options)) != len(options) or not options.isalpha() or not 2 <= len(options) <= 8):
        zh, en = "选项应为2至8个不同的字母，如ABCDE", "options are 2 to 8 different letters, like ABCDE"
        form.complain(form.take("options"), zh, en)
    return Subject(
        code=form.text("code"),
        name=form.words("name"),
        session=form.number("session", 1, low=1, high=20),
        order=form.number("order", 1, low=1, high=20),
        questions=form.number("questions", 1, low=1, high=1000),
        options=options,
        categories=form.texts("categories"),
    )


@_closing
def _milestone(form: Form) -> Milestone:
    return Milestone(form.text("key"), form.words("name"), form.number("order", low=1, high=10_000))


@_closing
def _document(form: Form) -> Document:
    return Document(form.text("code"), form.words("name"), form.one_of("stage", STAGES), form.texts("rules"))


@_closing
def _material(form: Form) -> Material:
    originals = form.number("originals", low=0, high=20)
    return Material(form.text("code"), form.words("name"), originals, form.number("copies", low=0, high=20))


@_closing
def _route(form: Form) -> Route:
    return Route(
        code=form.text("code"),
        name=form.words("name"),
        rule=form.clause("rule"),
        materials=tuple(_material(entry) for entry in form.forms("materials")),
        certificate_waits=form.flag("certificate_waits"),
    )


@_closing
def _need(form: Form) -> NeedKind:
    return NeedKind(form.one_of("code", NEEDS), form.words("name"), form.words("text"))


@_closing
def _duty(form: Form) -> DutySpec:
    rule = form.clause("rule")
    return DutySpec(
        code=form.text("code", rule, optional=True),
        rule=rule,
        name=form.words("name"),
        owner=cast(OwnerKind, form.one_of("owner", OWNER_KINDS)),
        creditor=cast(OwnerKind, form.one_of("creditor", OWNER_KINDS)),
        due=_due(Form(form.take("due"), form.problems)),
        discharge=form.text("discharge", "manual"),
        daily_until=form.text("daily_until", optional=True) or None,
        by_case=form.flag("by_case"),
        hosts_only=form.flag("hosts_only"),
    )


@_closing
def _due(form: Form) -> DueSpec | FixedDay:
    if form.has("on_day"):
        return _fixed(form)
    n, param = 0, None
    if isinstance(form.take("count").value, str):
        param = form.text("count")
    else:
        n = form.number("count", low=0, high=3650)
    return DueSpec(
        n=n,
        unit=cast(Unit, form.one_of("unit", UNITS)),
        when=cast(When, form.one_of("when", ("before", "after"))),
        milestone=form.text("milestone"),
        at=form.clock("at", optional=True),
        param=param,
    )


def _fixed(form: Form) -> FixedDay:
    spot = form.take("on_day")
    try:
        day = date.fromisoformat(f"2000-{spot.value}")
    except ValueError:
        form.complain(spot, '日期应写作"09-30"这样', 'the day is written like "09-30"')
        return FixedDay(1, 1)
    return FixedDay(day.month, day.day)


#: what the planner of seats knows
NEEDS = ("step_free", "near_door", "separate_room", "extra_time")
_SECTIONS: dict[str, Callable[[Form], Any]] = {
    "categories": _category,
    "levels": _level,
    "sessions": _session,
    "subjects": _subject,
    "posts": read_post,
    "milestones": _milestone,
    "documents": _document,
    "identity": _material,
    "routes": _route,
    "needs": _need,
    "duties": _duty,
}
