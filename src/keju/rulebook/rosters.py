"""What a roster of a programme is: who stands on it, where, and which hours must be covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from keju.rulebook.words import Words

SpanOf = Literal["exam_days", "sessions", "milestones"]
SPANS_OF: tuple[str, ...] = ("exam_days", "sessions", "milestones")


@dataclass(frozen=True)
class RosterSpan:
    """The hours that a roster must cover.

    ``exam_days``: from the time ``begins`` so many ``days_before`` each exam day until the time ``ends`` on that day; both
    name a dated parameter. ``sessions``: from ``before_minutes`` before each session until ``after_minutes`` after it.
    ``milestones``: from one to the other, by key; the office may set what is not known yet.
    """

    of: SpanOf
    begins: str = ""
    ends: str = ""
    days_before: int = 0
    before_minutes: int = 0
    after_minutes: int = 0


@dataclass(frozen=True)
class RosterKind:
    """A kind of roster, kept by each office of the kinds ``at``; clause ``rule`` asks for it.

    ``posts``: who may stand on it, everybody appointed at the office if empty; ``never``: posts whose holders must not.
    ``permanent``: only permanent staff of their employer. ``least`` people at every minute, on every floor in use where
    ``by_floor``. ``must``: an office without it is red. ``shift_minutes``: how long a shift is that the program proposes.
    """

    code: str
    name: Words
    rule: str
    at: tuple[str, ...]
    span: RosterSpan
    posts: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    least: int = 1
    shift_minutes: int = 480
    by_floor: bool = False
    must: bool = False
    permanent: bool = False
