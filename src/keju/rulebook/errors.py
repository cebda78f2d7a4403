"""What can be wrong with the law as it is written down: problems in words that its author understands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from keju.rulebook.words import Words, speaking


@dataclass(frozen=True)
class Problem:
    """One fault of a programme: the file, the line (0 if the whole file), the place in it, and what to do.

    A ``mild`` one does not keep the programme from being used; only a check names it.
    """

    file: str
    line: int
    place: str
    words: Words
    mild: bool = False

    def __str__(self) -> str:
        at = f"{self.file}:{self.line}" if self.line else self.file
        return f"{at}: {self.place}: {self.words}" if self.place else f"{at}: {self.words}"


class ProgrammeError(Exception):
    """A programme cannot be used as it is written; ``problems`` says why, place by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self._text())

    def _text(self) -> str:
        with speaking("en"):
            return "\n".join(str(problem) for problem in self.problems)


class UnknownProgramme(ProgrammeError):
    """No programme of this code is in the rulebook."""


class NotInForce(Exception):
    """The law knows the parameter, but no value of it was in force on that day."""

    def __init__(self, name: str, as_of: date, first: date) -> None:
        self.name, self.as_of, self.first = name, as_of, first
        self.words = Words(
            "{name}：{as_of}尚无有效规定（最早自{first}起）",
            "{name}: nothing was in force on {as_of} (first from {first})",
        )
        self.words = self.words.format(name=name, as_of=as_of, first=first)
        super().__init__(self.words.en)
