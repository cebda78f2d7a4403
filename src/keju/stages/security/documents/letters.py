"""What stands on the printed letters of responsibility and matrices: plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words


@dataclass(frozen=True)
class PrintedLetter:
    title: Words
    undertakes: Sequence[Words]
    number: str
    version: int
    above: Words
    above_name: str
    above_at: datetime | None
    above_on_paper: bool
    office: Words
    post: Words
    name: str
    below_at: datetime | None
    below_on_paper: bool
    digest: str


@dataclass(frozen=True)
class PrintedMatrix:
    """`lines`: clause, task, names."""

    office: Words
    first: str
    direct: str
    lines: Sequence[tuple[str, Words, str]]


def letters(exam: Words, rows: Sequence[PrintedLetter]) -> dict[str, Any]:
    """A page a letter; a side not signed yet has room for a signature in ink."""
    return {
        "exam": _both(exam),
        "letters": [
            {
                "title": _both(r.title),
                "undertakes": [_both(words) for words in r.undertakes],
                "number": r.number,
                "version": r.version,
                "above": _both(r.above),
                "above_name": r.above_name,
                "above_at": _moment(r.above_at),
                "above_on_paper": r.above_on_paper,
                "office": _both(r.office),
                "post": _both(r.post),
                "name": r.name,
                "below_at": _moment(r.below_at),
                "below_on_paper": r.below_on_paper,
                "digest": r.digest[:16],
            }
            for r in rows
        ],
    }


def matrices(exam: Words, rows: Sequence[PrintedMatrix]) -> dict[str, Any]:
    return {
        "exam": _both(exam),
        "offices": [
            {
                "office": _both(r.office),
                "first": r.first,
                "direct": r.direct,
                "lines": [
                    {"rule": rule, "task": _both(words), "names": names} for rule, words, names in r.lines
                ],
            }
            for r in rows
        ],
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
