"""The form of receipt details and paper quantities as plain data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from keju.algorithms.workdays import CHINA
from keju.rulebook.words import Words
from keju.stages.custody.rules.quantities import Line


def form(
    *,
    exam: Words,
    region: Words,
    at: datetime,
    digest: str,
    lines: Sequence[Line],
    sums: Sequence[Line],
    names: Mapping[str, Words],
    sessions: Mapping[int, Words],
    categories: Mapping[str, Words],
) -> dict[str, Any]:
    """Plain data for `custody/quantities`. `names`: site code → name; words in both languages, the day as text."""

    def row(line: Line) -> dict[str, Any]:
        return {
            "site": line.site,
            "name": _both(names.get(line.site, region)),
            "session": _both(sessions[line.session]),
            "category": _both(categories[line.category]),
            "bags": line.bags,
            "copies": line.copies,
            "spare_bags": line.spare_bags,
            "spare_copies": line.spare_copies,
            "all": line.all_copies,
        }

    return {
        "exam": _both(exam),
        "region": _both(region),
        "day": at.astimezone(CHINA).date().isoformat(),
        "digest": digest[:16],
        "lines": [row(line) for line in lines],
        "sums": [row(line) for line in sums],
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
