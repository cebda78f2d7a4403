"""What stands on the fiscal receipt (V8.2b) and on the reconciliation report."""

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


def reconciliation(
    *,
    exam: Words,
    office: Words,
    at: datetime,
    balances: Sequence[tuple[Words, Decimal | None, Decimal | None]],
    checks: Sequence[tuple[Words, Decimal, Decimal, Decimal, bool]],
    faults: Sequence[tuple[Words, int, str, Decimal, Decimal]],
) -> dict[str, Any]:
    """Plain data for `fees/reconciliation`; amounts as text, a balance on its side, the other side empty."""
    return {
        "exam": _both(exam),
        "office": _both(office),
        "at": f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}",
        "balances": [
            {"name": _both(name), "debit": _yuan(debit), "credit": _yuan(credit)}
            for name, debit, credit in balances
        ],
        "debit": _yuan(sum((d for _, d, _ in balances if d), Decimal(0))),
        "credit": _yuan(sum((c for _, _, c in balances if c), Decimal(0))),
        "closed": all(holds for *_, holds in checks),
        "checks": [
            {"name": _both(name), "left": _yuan(left), "right": _yuan(right), "rest": _yuan(rest), "holds": holds}
            for name, left, right, rest, holds in checks
        ],
        "faults": [
            {"check": _both(name), "entry": str(entry or "—"), "source": source, "should": _yuan(should),
             "booked": _yuan(booked)}
            for name, entry, source, should, booked in faults
        ],
    }  # fmt: skip


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _yuan(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d}"
