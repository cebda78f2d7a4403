"""Labels of containers as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keju.rulebook.words import Words


@dataclass(frozen=True)
class Label:
    """What stands on one: `room` 0 and `session` 0 where it serves none; serials 0 where it holds no papers."""

    code: str
    kind: Words
    seal: str
    office: str
    room: int
    session: int
    category: str
    copies: int
    first: int
    last: int
    pieces: int = 0  # containers inside


def labels(
    ones: Sequence[Label], *, exam: Words, sessions: Mapping[int, Words], categories: Mapping[str, Words]
) -> dict[str, Any]:
    """Plain data for `custody/labels`; the codes are files named `qr-…` and `bars-…`."""
    none = Words("", "")
    return {
        "exam": _both(exam),
        "labels": [
            {
                "code": one.code,
                "kind": _both(one.kind),
                "seal": one.seal,
                "office": one.office,
                "room": one.room or "",
                "session": _both(sessions.get(one.session, none)),
                "category": _both(categories.get(one.category, none)),
                "copies": one.copies,
                "serials": f"{one.first}–{one.last}" if one.first else "",
                "pieces": one.pieces,
            }
            for one in ones
        ],
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
