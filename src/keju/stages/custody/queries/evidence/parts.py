"""How an evidence file writes things, and what is gathered for one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keju.kernel.calendar import CHINA
from keju.rulebook.words import Words

Facts = list[dict[str, Any]]


@dataclass
class Around:
    """`subjects`: what the audit log says more of; `proposals`: whose signatures belong to it; `photos`: by SHA-256."""

    parts: dict[str, Facts] = field(default_factory=dict)
    subjects: set[str] = field(default_factory=set)
    proposals: set[int] = field(default_factory=set)
    photos: set[str] = field(default_factory=set)


def instant(at: datetime | None) -> str:
    """China's time with its offset; "" for none."""
    return at.astimezone(CHINA).isoformat(timespec="seconds") if at else ""


def both(words: Words | str) -> dict[str, str]:
    """What is said in two languages."""
    return {"zh": words.zh, "en": words.en} if isinstance(words, Words) else {"zh": words, "en": words}
