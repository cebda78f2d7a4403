"""What a provider of rows is, and the providers by rule."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from keju.rulebook.clauses import CLAUSE_ID
from keju.rulebook.refusals import Strength
from keju.rulebook.words import Words

if TYPE_CHECKING:  # Django reads this package before its models
    from keju.kernel.exams.models import Exam

MUST: Strength = "must"
PRINCIPLE: Strength = "in principle"


class State(StrEnum):
    """Green: it holds. Amber: open, and there is time. Red: late, or wrong. Grey: its time has not come."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    GREY = "grey"


RED, AMBER, GREEN, GREY = State.RED, State.AMBER, State.GREEN, State.GREY


class Gate(StrEnum):
    """The step that a red `must` stands in the way of."""

    REGISTRATION = "registration"
    HOST = "host"
    EXAM = "exam"


@dataclass(frozen=True, slots=True)
class Row:
    """How one rule stands at one office, site or (with `room`, its number) room of that site.

    `words`: what is missing, with counts and without personal data; none where nothing is. `lacking`: how many things are
    missing. `url` with `kwargs` (the exam is added) names the page that mends it, `mends` the permission that it takes
    where that is not the page's own. `rooms`: numbers of the first few rooms concerned, in a row that sums up rooms.
    `rule`: only from a provider of several; `strength`: only where it is less than its provider's.
    """

    office_path: str
    state: State
    words: Words | None = None
    url: str = ""
    kwargs: Mapping[str, object] = field(default_factory=dict)
    room: int | None = None
    lacking: int = 0
    gate: Gate = Gate.EXAM
    rule: str = ""
    mends: str = ""
    rooms: tuple[int, ...] = ()
    strength: Strength | None = None


Rows = Iterable[Row]
Provide = Callable[["Exam", str, datetime], Rows]
F = TypeVar("F", bound=Provide)


@dataclass(frozen=True)
class Provider:
    """`rules` are the clauses that it watches; none: each of its rows names its own."""

    rules: tuple[str, ...]
    strength: Strength
    title: Words | None
    run: Provide

    @property
    def name(self) -> str:
        return f"{self.run.__module__}.{getattr(self.run, '__qualname__', '')}"


_providers: dict[str, Provider] = {}


def provides(*rules: str, strength: Strength = MUST, title: Words | None = None) -> Callable[[F], F]:
    """Register `fn(exam, path, at)` as the provider of these rules' rows, for the offices at and under `path`.

    Set-based: a fixed number of statements whatever the number of offices (tests/test_readiness.py counts them), and
    nothing kept between two looks. It runs in the scope of `path`. Rooms: `room=` rows only where `path` is a site
    (`is_site(path)`), above it one row a site with the rooms counted in its words. An office to which the rule does not
    apply has no row; one whose time has not come is GREY. A red row of a `MUST` provider closes the row's `gate`.
    `title`: a few words for the board, of a provider of one rule; without, the clause's own.
    """
    for rule in rules:
        if not CLAUSE_ID.fullmatch(rule):
            raise ValueError(f"{rule!r} is no clause id; one looks like V8.3 or V5.3.1a")

    def register(fn: F) -> F:
        if len(inspect.signature(fn).parameters) != 3:
            raise TypeError(f"{fn.__module__}.{fn.__qualname__}: a provider takes (exam, path, at)")
        provider = Provider(rules, strength, title, fn)
        known = _providers.get(provider.name)
        if known is not None and known.rules != rules:
            raise ValueError(f"two providers are called {provider.name}")
        _providers[provider.name] = provider
        return fn

    return register


def providers() -> list[Provider]:
    """All that the installed stages offer, in order of name."""
    return [provider for _, provider in sorted(_providers.items())]


def watched() -> frozenset[str]:
    """The clauses that some provider watches."""
    return frozenset(rule for provider in _providers.values() for rule in provider.rules)


def is_site(path: str) -> bool:
    """Whether the path is a site's: "/11/1101/01/"."""
    return path.count("/") == 4


def titles() -> dict[str, Words]:
    """Clause → a few words for it, of those that have some of their own; words for several clauses tell them not apart."""
    found: dict[str, Words] = {}
    for provider in providers():
        if provider.title is not None and len(provider.rules) == 1:
            found.update(dict.fromkeys(provider.rules, provider.title))
    return found
