"""What stands on the registration form (V5.3.2b) and on the summary sheet (V5.3.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from keju.rulebook.words import Words, t

CHINA = ZoneInfo("Asia/Shanghai")
SEX = {"male": t("男", "male"), "female": t("女", "female")}
FACTS: dict[str, Words] = {
    "degree": t("学历", "Degree"),
    "major": t("专业", "Subject"),
    "school": t("院校", "School"),
    "title": t("职称", "Title"),
    "title_on": t("职称取得日期", "Title obtained on"),
    "graduating_year": t("毕业年份", "Graduating in"),
}
VALUES: dict[str, Words] = {
    "secondary": t("中专", "secondary"),
    "college": t("大学专科", "college"),
    "bachelor": t("大学本科", "bachelor"),
    "master": t("硕士研究生", "master"),
    "doctor": t("博士研究生", "doctor"),
    "veterinary": t("兽医", "veterinary medicine"),
    "animal husbandry and veterinary": t("畜牧兽医", "animal husbandry and veterinary medicine"),
    "Chinese veterinary medicine": t("中兽医", "Chinese veterinary medicine"),
    "ethnic veterinary medicine": t("民族兽医", "ethnic veterinary medicine"),
    "aquaculture": t("水产养殖", "aquaculture"),
    "assistant_veterinarian": t("助理兽医师", "assistant veterinarian"),
    "veterinarian": t("兽医师", "veterinarian"),
    "senior_veterinarian": t("高级兽医师", "senior veterinarian"),
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
    sex: str
    birth_on: date
    identity: str
    phone: str
    address: str
    employer: str
    category: Words
    route: Words
    facts: Mapping[str, str]
    version: int


def facts_shown(facts: Mapping[str, str]) -> list[tuple[Words, Words]]:
    """The fields of a route with their values in words, in the form's order; nothing that is not known is dropped."""
    shown = [(FACTS[key], _value(facts[key])) for key in FACTS if facts.get(key)]
    return shown + [(t(key, key), _value(value)) for key, value in facts.items() if key not in FACTS]


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
        "sex": both(SEX.get(person.sex, t(person.sex, person.sex))),
        "birth": person.birth_on.isoformat(),
        "identity": person.identity,
        "phone": person.phone,
        "address": person.address,
        "employer": person.employer,
        "category": both(person.category),
        "route": both(person.route),
        "facts": [[both(name), both(value)] for name, value in facts_shown(person.facts)],
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


def both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _value(value: str) -> Words:
    return VALUES.get(value, t(value, value))
