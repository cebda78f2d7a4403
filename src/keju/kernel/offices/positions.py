"""Where the points are: the seat of each prefecture's government, in decimal degrees (WGS-84, good to about a kilometre).

`positions.csv` has one row per point of `divisions`. Positions are facts and nobody's work. They were read one by one off a
public copy (the repository clone123/MapSearch) of what the district query of a Chinese map service gives as the centre of each
code of GB/T 2260, and rounded to a hundredth of a degree, below which neither the datum of those services (GCJ-02, off by up to
700 m) nor the choice of the building matters. Changed names and codes were carried back to edition 2012 (5421 Qamdo is today's
5403, and so on). Distances between them are for choosing hosts, not for finding a house.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("positions.csv")


@dataclass(frozen=True)
class Position:
    """Degrees east and degrees north."""

    longitude: float
    latitude: float


def position(code: str) -> Position:
    """Where the point is; `KeyError` for a code that is no point."""
    return _table()[code]


@cache
def _table() -> dict[str, Position]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: Position(float(row["longitude"]), float(row["latitude"]))
            for row in csv.DictReader(lines)
        }
