"""V5.5. Pure: how long records are kept, and the catalogue of a bag."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from keju.rulebook import rule
from keju.rulebook.words import Words, t
from keju.stages.archive.params import Params

PERMANENT, LONG, SHORT = "permanent", "long", "short"
CLASSES: Mapping[str, Words] = {
    PERMANENT: t("永久", "Permanent"),
    LONG: t("长期", "Long-term"),
    SHORT: t("短期", "Short-term"),
}
#: who passed, what they got and the proof of it is kept for ever; what a dispute years later needs, long
_CLASS_OF = {
    "results": PERMANENT,
    "certificates": PERMANENT,
    "audit": PERMANENT,
    "exams": PERMANENT,
    "announcement": PERMANENT,
    "registration": LONG,
    "fees": LONG,
    "review": LONG,
    "marking": LONG,
    "examday": LONG,
    "documents": LONG,
}
_CATALOGUE = ("file", "stage", "what_zh", "what_en", "rows", "sha256", "retention", "keep_until")


@dataclass(frozen=True)
class Item:
    """One file of the bag: where, of which stage, what, how many rows, its checksum."""

    path: str
    stage: str
    what: Words
    rows: int
    sha256: str


@rule("V5.5")
def retention_of(stage: str) -> str:
    """The retention class of a stage's records; short where nothing says otherwise."""
    return _CLASS_OF.get(stage, SHORT)


@rule("V5.5")
def keep_until(retention: str, year: int, params: Params) -> str:
    """The last day they must be kept, "" for ever. Counted from the end of the exam year."""
    if retention == PERMANENT:
        return ""
    return f"{year + (params.long_years if retention == LONG else params.short_years)}-12-31"


@rule("V5.5")
def catalogue(items: Iterable[Item], year: int, params: Params) -> str:
    """The catalogue as csv, by file: what lies where, its checksum, how long it is kept."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_CATALOGUE)
    for item in sorted(items, key=lambda item: item.path):
        kept = retention_of(item.stage)
        writer.writerow(
            [
                *(item.path, item.stage, item.what.zh, item.what.en, item.rows, item.sha256),
                *(kept, keep_until(kept, year, params)),
            ]
        )
    return buffer.getvalue()
