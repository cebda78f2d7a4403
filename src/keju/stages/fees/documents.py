"""What stands on the fiscal receipt (V8.2b)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words


def fiscal_receipt(
    *,
    exam: Words,
    region: Words,
    number: str,
    amount: Decimal,
    issued_at: datetime,
    remittances: Sequence[tuple[str, datetime, Decimal]],
) -> dict[str, Any]:
    """Plain data for `fees/fiscal_receipt`; amounts as text with two places, days in China."""
    return {
        "exam": {"zh": exam.zh, "en": exam.en},
        "payer": {"zh": region.zh, "en": region.en},
        "number": number,
        "amount": f"{amount:,.2f}",
        "issued": _day(issued_at),
        "remittances": [
            {"reference": reference, "day": _day(received), "amount": f"{part:,.2f}"}
            for reference, received, part in remittances
        ],
    }


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d}"
