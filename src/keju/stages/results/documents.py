"""What stands on a transcript and on a region's register of passes. Plain data, no database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from keju.rulebook import Programme
from keju.rulebook.words import Words, t

CHINA = ZoneInfo("Asia/Shanghai")
NOT_PASSED = t("未达到合格分数线", "Passing line not reached")
NO_RECHECKS = t(
    "根据规定，不受理答题卡的复查申请；因填涂、书写不规范造成的后果由考生承担。",
    "An answer card is not checked again on request; points lost by filling it in wrongly are the candidate's own loss.",
)


def category_name(programme: Programme, code: str) -> Words:
    return next((c.name for c in programme.categories if c.code == code), t(code, code))


def level_name(programme: Programme, code: str) -> Words:
    return next((level.name for level in programme.levels if level.code == code), NOT_PASSED)


def subject_rows(
    programme: Programme, category: str, points: Mapping[str, int], absent: Sequence[int]
) -> list[dict[str, Any]]:
    """Every subject of the category in order of sitting: name, points (None where absent), points possible."""
    return [
        {
            "name": both(s.name),
            "points": points.get(s.code),
            "of": s.questions,
            "absent": s.session in absent,
        }
        for s in programme.subjects_of(category)
    ]


def transcript(
    programme: Programme,
    *,
    exam: Words,
    name: str,
    identity_masked: str,
    ticket: str,
    category: str,
    level: str,
    total: int,
    points: Mapping[str, int],
    absent: Sequence[int],
    lines: Mapping[str, int],
    rechecks: bool,
    code: str,
    at: datetime,
) -> dict[str, Any]:
    """The transcript's data. `lines`: {level: points} of the category; `rechecks`: whether V17.4 is lifted."""
    rows = subject_rows(programme, category, points, absent)
    return {
        "exam": both(exam),
        "name": name,
        "identity": identity_masked,
        "ticket": ticket,
        "category": both(category_name(programme, category)),
        "passed": bool(level),
        "level": both(level_name(programme, level)),
        "total": total,
        "of": sum(row["of"] for row in rows),
        "subjects": rows,
        "lines": [
            {"level": both(known.name), "points": lines[known.code]}
            for known in programme.levels
            if known.code in lines
        ],
        "rechecks": None if rechecks else both(NO_RECHECKS),
        "code": code,
        "printed": _day(at),
    }


def register(
    programme: Programme,
    *,
    exam: Words,
    region: Words,
    rows: Iterable[Sequence[str]],
    counts: Mapping[str, int],
    digest: str,
    at: datetime,
) -> dict[str, Any]:
    """The register of passes. `rows`: (ticket, name, sex, masked identity, point, employer, category, level)."""
    found = [
        [str(n), ticket, name, sex, identity, point, employer, both(category_name(programme, category)),
         both(level_name(programme, level))]
        for n, (ticket, name, sex, identity, point, employer, category, level) in enumerate(rows, 1)
    ]  # fmt: skip
    return {
        "exam": both(exam),
        "region": both(region),
        "rows": found,
        "counts": [
            {"level": both(known.name), "count": counts.get(known.code, 0)} for known in programme.levels
        ],
        "total": len(found),
        "digest": digest,
        "printed": _day(at),
    }


def both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _day(at: datetime) -> dict[str, str]:
    here = at.astimezone(CHINA)
    return {"zh": f"{here.year}年{here.month}月{here.day}日", "en": f"{here.day} {here:%B %Y}"}


BAND = 10
WIDTH, HEIGHT, BASE = 640, 180, 150
ROOM = 220  # what the words of a line take


def histogram(counts: Mapping[int, int], highest: int, lines: Mapping[str, int]) -> dict[str, Any]:
    """A picture's numbers: candidates per band of ten points as bars, and where each line stands, for an SVG of 640 × 180."""
    bands: dict[int, int] = {}
    for total, n in counts.items():
        bands[min(total, highest - 1) // BAND] = bands.get(min(total, highest - 1) // BAND, 0) + n
    tallest, wide = max(bands.values(), default=1), WIDTH / max(1, -(-highest // BAND))
    bars = [
        {
            "x": f"{band * wide + 1:.1f}",
            "width": f"{wide - 2:.1f}",
            "y": f"{BASE - n / tallest * (BASE - 30):.1f}",
            "height": f"{n / tallest * (BASE - 30):.1f}",
            "from": band * BAND,
            "count": n,
        }
        for band, n in sorted(bands.items())
    ]
    marks = [
        # The first line's words stand right of it, the others' left, unless there is no room.
        {
            "x": f"{(x := points / highest * WIDTH):.1f}",
            "level": level,
            "points": points,
            "right": place == 0 or x < ROOM,
        }
        for place, (level, points) in enumerate(lines.items())
    ]
    ticks = [
        {"x": f"{p / highest * WIDTH:.1f}", "points": p} for p in range(0, highest + 1, max(50, highest // 8))
    ]
    return {"bars": bars, "marks": marks, "ticks": ticks, "total": sum(counts.values())}
