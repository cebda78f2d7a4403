"""What stands on the registration form (V5.3.2b) and on the summary sheet (V5.3.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True)
class Person:
    """What the candidate stated, in clear: the form is signed by them."""

    number: str
    name: str
    sex: Words | str
    birth_on: date
    identity: str
    phone: str
    address: str
    employer: str
    category: Words | str
    route: Words | str
    facts: Sequence[tuple[Words, Words | str]]
    version: int


def form(
    *, exam: Words, region: Words, point: Words, person: Person, materials: Sequence[Words]
) -> dict[str, Any]:
    """Plain data for `review/form`; days as text, words in both languages."""
    return {
        "exam": both(exam),
        "region": both(region),
        "point": both(point),
        "number": person.number,
        "version": person.version,
        "name": person.name,
        "sex": both(person.sex),
        "birth": person.birth_on.isoformat(),
        "identity": person.identity,
        "phone": person.phone,
        "address": person.address,
        "employer": person.employer,
        "category": both(person.category),
        "route": both(person.route),
        "facts": [[both(name), both(value)] for name, value in person.facts],
        "materials": [both(name) for name in materials],
    }


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


def both(words: Words | str) -> dict[str, str]:
    """Both languages of words; a name or a number is the same in both."""
    return {"zh": words.zh, "en": words.en} if isinstance(words, Words) else {"zh": words, "en": words}
