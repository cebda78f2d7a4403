"""The roster and the directory of telephones as plain data for the printer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words


def roster(
    *,
    exam: Words,
    office: Words,
    kind: Words,
    rule: str,
    number: int,
    digest: str,
    published_at: datetime,
    rows: Sequence[Mapping[str, Any]],
    gaps: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Plain data for `staffing/roster`: each row a day, hours, name, post, place, telephone; days apart from each other."""
    return {
        "exam": _both(exam),
        "office": _both(office),
        "kind": _both(kind),
        "rule": rule,
        "number": number,
        "digest": digest[:16],
        "published": _moment(published_at),
        "rows": [
            {
                "day": _day(row["starts_at"]),
                "hours": _hours(row["starts_at"], row["ends_at"]),
                "name": row["name"],
                "post": _both(row["post"]),
                "place": row["place"],
                "phone": row["phone"],
            }
            for row in rows
        ],
        "gaps": [
            {
                "hours": f"{_moment(g['starts_at'])} – {_moment(g['ends_at'])}",
                "place": g["place"],
                "short": g["short"],
            }
            for g in gaps
        ],
    }


def directory(
    *, exam: Words, office: Words, at: datetime, entries: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Plain data for `staffing/directory`: offices in order, each with its people."""
    offices: dict[str, dict[str, Any]] = {}
    for e in entries:
        one = offices.setdefault(e["code"], {"code": e["code"], "name": _both(e["office"]), "rows": []})
        hours = f"{_moment(e['starts_at'])} – {_moment(e['ends_at'])}" if e["starts_at"] else ""
        one["rows"].append({
            "name": e["name"], "post": _both(e["post"]), "kind": _both(e["kind"]), "hours": hours, "place": e["place"],
            "phone": e["phone"],
        })  # fmt: skip
    return {
        "exam": _both(exam),
        "office": _both(office),
        "day": _moment(at),
        "offices": list(offices.values()),
    }


def _both(words: Words | str) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en} if isinstance(words, Words) else {"zh": words, "en": words}


def _day(at: datetime) -> str:
    return at.astimezone(CHINA).date().isoformat()


def _moment(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _hours(starts: datetime, ends: datetime) -> str:
    """15:00–01:00 (+1) of a shift that ends on the next day."""
    a, b = starts.astimezone(CHINA), ends.astimezone(CHINA)
    later = (b.date() - a.date()).days
    return f"{a:%H:%M}–{b:%H:%M}" + (f" (+{later})" if later else "")
