"""Who answers for what: letters of responsibility, the chain of each body, and its matrix of tasks. Frozen, plain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from keju.rulebook.words import Words

SigningOffice = Literal["centre", "region", "point"]
SIGNING_OFFICES: tuple[SigningOffice, ...] = ("centre", "region", "point")


@dataclass(frozen=True)
class LetterKind:
    """A letter that a leader of the office `above` signs with each holder of the posts, and what these undertake."""

    code: str
    rule: str
    above: SigningOffice
    posts: tuple[str, ...]
    title: Words
    undertakes: tuple[Words, ...]


@dataclass(frozen=True)
class Chain:
    """The posts whose holders are first and directly responsible at an office of the kind; `direct` "" where none is."""

    at: SigningOffice
    rule: str
    first: str
    direct: str


@dataclass(frozen=True)
class Task:
    """A task of an office of the kind, the clause that it is of, and the posts that answer for it."""

    code: str
    at: SigningOffice
    rule: str
    words: Words
    posts: tuple[str, ...]


@dataclass(frozen=True)
class Responsibility:
    """All of it; nothing if the programme has no such file."""

    letters: tuple[LetterKind, ...] = ()
    chains: tuple[Chain, ...] = ()
    tasks: tuple[Task, ...] = field(default_factory=tuple)
