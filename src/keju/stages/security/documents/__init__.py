"""Papers of precautions as plain data."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words


def inspection(
    *,
    exam: Words,
    office: Words,
    code: str,
    checklist: Words,
    version: int,
    rule: str,
    day: date,
    team: Sequence[str],
    done_at: datetime | None,
    items: Sequence[Mapping[str, Any]],
    findings: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Plain data for `security/inspection`: the form to take along while `done_at` is None, else the record.

    `items`: words, rule, outcome ("" while open), note. `findings`: number, words, severity, owner, due.
    """
    return {
        "exam": both(exam),
        "office": both(office),
        "code": code,
        "checklist": both(checklist),
        "version": version,
        "rule": rule,
        "day": day.isoformat(),
        "team": list(team),
        "done": done_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if done_at else "",
        "items": [{**item, "words": both(item["words"]), "outcome": both(item["outcome"])} for item in items],
        "findings": [
            {**one, "severity": both(one["severity"]), "due": one["due"].isoformat()} for one in findings
        ],
    }


def both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
