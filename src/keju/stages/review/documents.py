"""What stands on the summary sheet (V5.3.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words


@dataclass(frozen=True)
class Line:
    """One candidate on the summary sheet; the identity number is masked."""

    number: str
    name: str
    identity: str
    category: Words
    route: Words
    passed: bool
    reason: str
    receipt: str


def summary(
    *,
    exam: Words,
    point: Words,
    region: Words,
    sent_at: datetime,
    counts: Mapping[str, int],
    cash: Decimal,
    transferred: Decimal,
    lines: Sequence[Line],
) -> dict[str, Any]:
    """Plain data for `review/summary`; amounts as text with two places."""
    return {
        "exam": both(exam),
        "point": both(point),
        "region": both(region),
        "day": f"{sent_at.astimezone(CHINA):%Y-%m-%d}",
        **dict(counts),
        "cash": f"{cash:,.2f}",
        "transferred": f"{transferred:,.2f}",
        "total": f"{cash + transferred:,.2f}",
        "forms": counts["passed"] * 2,
        "lines": [
            {
                "number": line.number,
                "name": line.name,
                "identity": line.identity,
                "category": both(line.category),
                "passed": line.passed,
                "reason": line.reason,
                "receipt": line.receipt,
            }
            for line in lines
        ],
    }


def both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
