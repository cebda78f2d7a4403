"""The record of destruction as plain data."""

from collections.abc import Sequence
from typing import Any

from keju.rulebook import rule
from keju.rulebook.words import Words


@rule("V16.2.1")
def destruction_record(
    *, exam: Words, point: Words, approved: tuple[str, str], watchers: Sequence[str], staff: Sequence[str], at: str,
    place: str, method: str, bags: Sequence[tuple[str, str, int, int, str, int, int]],
) -> dict[str, Any]:  # fmt: skip
    """Approver, watchers, staff, time, place, method; and each bag: code, site, session, room, serials, destroyed, missing."""
    return {
        "exam": {"zh": exam.zh, "en": exam.en},
        "point": {"zh": point.zh, "en": point.en},
        "approver": approved[0],
        "approved": approved[1],
        "watchers": list(watchers),
        "staff": list(staff),
        "at": at,
        "place": place,
        "method": method,
        "bags": [list(bag) for bag in bags],
        "destroyed": sum(bag[5] for bag in bags),
        "missing": sum(bag[6] for bag in bags),
    }
