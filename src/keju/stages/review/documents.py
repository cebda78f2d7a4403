"""What stands on the registration form (V5.3.2b) and on the summary sheet (V5.3.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words, t

#: the usual reasons for not passing: of each material, and otherwise
WRONG = (
    t("{m}不齐全", "{m}: not complete"),
    t("{m}与原件不符或系伪造", "{m}: not true to the original, or forged"),
    t("{m}无效或已过期", "{m}: not valid, or expired"),
)
OTHERWISE = (
    t("所学专业不符合报考条件", "The subject studied does not make eligible"),
    t("学历或职称不符合报考条件", "The degree or title does not make eligible"),
    t("照片不是本人", "The photo shows somebody else"),
    t("本人未到场", "The candidate did not come in person"),
)
#: what a consignment holds (V5.3.3)
ITEMS = {
    "packets": t("件数（箱、袋）", "Packets (boxes, bags)"),
    "forms": t("报名表（每人两份）", "Registration forms (two each)"),
    "evidence": t("证明材料（套）", "Sets of evidence"),
    "summaries": t("盖章的报名汇总表", "Stamped summary sheets"),
    "slips": t("费用进账单", "Bank slips of the fees"),
}


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
    *, exam: Words, region: Words, point: Words, person: Person, materials: Sequence[Words], copies: int
) -> dict[str, Any]:
    """Plain data for `review/form`; days as text, words in both languages. `copies`: to sign; 0: one print to check."""
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
        "copies": copies,
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


def consignment(
    *,
    exam: Words,
    point: Words,
    region: Words,
    sent_at: datetime,
    contents: Mapping[str, int],
    fees: Decimal,
    carrier: str,
    seal: str,
    found: Mapping[str, int],
    remark: str,
) -> dict[str, Any]:
    """Plain data for `review/consignment`: each item with what was packed and, once received, what was found."""
    return {
        "exam": both(exam),
        "point": both(point),
        "region": both(region),
        "day": f"{sent_at.astimezone(CHINA):%Y-%m-%d}",
        "fees": f"{fees:,.2f}",
        "carrier": carrier,
        "seal": seal,
        "remark": remark,
        "items": [
            {
                "name": both(ITEMS[code]),
                "sent": contents[code],
                "found": str(found[code]) if code in found else "",
            }
            for code in ITEMS
            if code in contents
        ],
    }


def both(words: Words | str) -> dict[str, str]:
    """Both languages of words; a name or a number is the same in both."""
    return {"zh": words.zh, "en": words.en} if isinstance(words, Words) else {"zh": words, "en": words}
