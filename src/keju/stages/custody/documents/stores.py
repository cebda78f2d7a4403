"""A store's sheet, its entry log and its key register as plain data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words


def store(
    *,
    what: str,
    exam: Words,
    office: Words,
    at: datetime,
    facts: Sequence[tuple[Words, Words | str]],
    heads: Sequence[Words],
    rows: Iterable[Sequence[Words | str | datetime | None]],
    title: Words,
) -> dict[str, Any]:
    """Plain data for `custody/store`: facts by name and one table. Moments as text, to the minute, in China's time."""
    return {
        "what": what,
        "exam": _text(exam),
        "office": _text(office),
        "title": _text(title),
        "at": _text(at),
        "facts": [[_text(name), _text(value)] for name, value in facts],
        "heads": [_text(head) for head in heads],
        "rows": [[_text(cell) for cell in row] for row in rows],
    }


def _text(value: Words | str | datetime | None) -> Mapping[str, str]:
    if isinstance(value, Words):
        return {"zh": value.zh, "en": value.en}
    said = value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value or "—"
    return {"zh": said, "en": said}
