"""The plan of a journey, its escort cards and the report of a case as plain data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words, t

Text = Words | str
Pair = tuple[Text, Text]


def facts(pairs: Sequence[Pair]) -> list[list[dict[str, str]]]:
    """Label and value of each fact that has a value, in both languages."""
    return [[both(name), both(value)] for name, value in pairs if str(value).strip()]


def both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en} if isinstance(text, Words) else {"zh": text, "en": text}


def moment(at: datetime | None) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if at else ""


def sheet(
    *, exam: Words, title: Words, number: str, pairs: Sequence[Pair], head: Sequence[Text], rows: Sequence[Sequence[Text]],
    signers: Sequence[Words],
) -> dict[str, Any]:  # fmt: skip
    """Plain data for `custody/moving`: a title, facts, one list, lines to sign on."""
    return {
        "exam": both(exam),
        "title": both(title),
        "number": number,
        "facts": facts(pairs),
        "head": [both(h) for h in head],
        "rows": [[both(c) for c in row] for row in rows],
        "signers": [both(s) for s in signers],
    }


def card(
    *,
    name: str,
    duty: Text,
    way: Text,
    vehicle: str,
    leaves: datetime,
    arrives: datetime,
    phone: str,
    code: str,
) -> dict[str, Any]:
    """One escort card for `custody/escorts`. `phone`: masked; `code`: the name of its picture."""
    shown: list[Pair] = [
        (t("程", "Journey"), way),
        (t("职责", "Duty"), duty),
        (t("车辆", "Vehicle"), vehicle),
        (t("电话", "Telephone"), phone),
        (t("出发", "Leaves"), moment(leaves)),
        (t("到达", "Arrives"), moment(arrives)),
    ]
    return {"name": name, "facts": facts(shown), "code": code}
