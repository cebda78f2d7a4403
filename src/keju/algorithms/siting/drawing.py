"""A simple picture of points and their hosts: where they lie to each other, not a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt
from unicodedata import east_asian_width

from keju.algorithms.siting.problem import Point

WIDTH, MARGIN, TALLEST, LETTER = 640, 56, 620, 12
"""In units of the drawing, as is all below. `LETTER`: the height of a name, and the width of a Chinese character."""
LEAST, MOST = 4.0, 15.0
"""Radius of a point with one candidate and of the one with most; areas are in proportion to candidates."""


@dataclass(frozen=True)
class Spot:
    """A point as a circle at (x, y); its name from (name_x, name_y), set at its `anchor` ("start", "middle", "end")."""

    code: str
    x: float
    y: float
    radius: float
    name: str
    name_x: float
    name_y: float
    anchor: str


@dataclass(frozen=True)
class Line:
    """From a point to the host that receives it, ending at the edge of its circle."""

    point: str
    host: str
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    spots: list[Spot]
    lines: list[Line]


Box = tuple[float, float, float, float]


def picture(points: Sequence[Point], host: Mapping[str, str], names: Mapping[str, str]) -> Picture:
    """The points to scale in a frame of `WIDTH`, north above; a line for each that is sent elsewhere.

    Degrees of longitude are shortened by the cosine of the middle latitude (equirectangular), good enough for a
    province. Each name stands beside its circle where it covers least of others. The same input gives the same picture.
    """
    if not points:
        return Picture(WIDTH, 2 * MARGIN, [], [])
    where, height = _placed(points)
    most = max(p.candidates for p in points) or 1
    radius = {p.code: LEAST + (MOST - LEAST) * sqrt(p.candidates / most) for p in points}
    taken = [_around(*where[p.code], radius[p.code]) for p in points]
    spots = []
    for p in sorted(points, key=lambda p: (-p.candidates, p.code)):
        spot = _named(p.code, names.get(p.code, p.code), where[p.code], radius[p.code], taken)
        spots.append(spot)
    lines = [
        _line(p.code, host[p.code], where, radius)
        for p in points
        if host.get(p.code, p.code) != p.code and host[p.code] in where
    ]
    return Picture(WIDTH, height, spots, lines)


def _placed(points: Sequence[Point]) -> tuple[dict[str, tuple[float, float]], int]:
    middle = (min(p.latitude for p in points) + max(p.latitude for p in points)) / 2
    east = {p.code: p.longitude * cos(radians(middle)) for p in points}
    north = {p.code: p.latitude for p in points}
    west, south = min(east.values()), min(north.values())
    wide, tall = max(east.values()) - west, max(north.values()) - south
    room = WIDTH - 2 * MARGIN
    scale = min(room / wide if wide else room, (TALLEST - 2 * MARGIN) / tall if tall else room)
    left = (WIDTH - wide * scale) / 2
    height = round(tall * scale + 2 * MARGIN)
    return {
        code: (
            round(left + (east[code] - west) * scale, 1),
            round(height - MARGIN - (north[code] - south) * scale, 1),
        )
        for code in east
    }, height


def _named(code: str, name: str, at: tuple[float, float], radius: float, taken: list[Box]) -> Spot:
    """The name right, left, above or below, where it overlaps least; what it covers is taken then."""
    x, y = at
    width = sum(LETTER if east_asian_width(c) in "WF" else LETTER * 0.56 for c in name)
    near = radius + 3
    sides = (
        (x + near, y + LETTER * 0.36, "start", x + near),
        (x - near, y + LETTER * 0.36, "end", x - near - width),
        (x, y - near, "middle", x - width / 2),
        (x, y + near + LETTER * 0.8, "middle", x - width / 2),
    )

    def covered(side: tuple[float, float, str, float]) -> float:
        _, base, _, start = side
        box = (start, base - LETTER * 0.8, start + width, base + LETTER * 0.2)
        outside = max(0.0, -box[0]) + max(0.0, box[2] - WIDTH)
        return sum(_overlap(box, other) for other in taken) + outside * LETTER

    best = min(sides, key=covered)
    name_x, name_y, anchor, start = best
    taken.append((start, name_y - LETTER * 0.8, start + width, name_y + LETTER * 0.2))
    return Spot(code, x, y, round(radius, 1), name, round(name_x, 1), round(name_y, 1), anchor)


def _around(x: float, y: float, radius: float) -> Box:
    return (x - radius, y - radius, x + radius, y + radius)


def _overlap(a: Box, b: Box) -> float:
    wide, tall = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide * tall if wide > 0 and tall > 0 else 0.0


def _line(
    point: str, host: str, where: Mapping[str, tuple[float, float]], radius: Mapping[str, float]
) -> Line:
    (x1, y1), (x2, y2) = where[point], where[host]
    length = sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2) or 1.0
    back = min(radius[host] + 2, length)
    return Line(
        point,
        host,
        x1,
        y1,
        round(x2 - (x2 - x1) / length * back, 1),
        round(y2 - (y2 - y1) / length * back, 1),
    )
