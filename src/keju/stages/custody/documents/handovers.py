"""A handover sheet as plain data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words


def both(words: Words | str) -> dict[str, str]:
    return {"zh": words, "en": words} if isinstance(words, str) else {"zh": words.zh, "en": words.en}


def moment(at: datetime | None) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if at else "—"


def sheet(
    *,
    exam: Words,
    number: int,
    facts: Sequence[tuple[Words, Words | str]],
    items: Sequence[tuple[str, str, str, Words]],
    people: Sequence[tuple[str, Words, Words, str, str]],
    exceptions: Sequence[tuple[Words | str, str, str, str]],
    digest: str,
) -> dict[str, Any]:
    """Plain data for `custody/handover`. `items`: code, seal, what it holds, state; `people`: name, part, side, proof, when;
    `exceptions`: kind, code, when reported, instruction; `digest`: SHA-256 of what was signed."""
    return {
        "exam": both(exam),
        "number": str(number),
        "facts": [[both(name), both(value)] for name, value in facts],
        "items": [[code, seal, holds, both(state)] for code, seal, holds, state in items],
        "people": [[name, both(part), both(side), proof, when] for name, part, side, proof, when in people],
        "exceptions": [[both(kind), code, when, said] for kind, code, when, said in exceptions],
        "digest": digest,
    }
