"""Which way to a room: from every stairway of every floor, at every fork outside, on every door (V14.6). Pure."""

from collections.abc import Iterable, Sequence

from keju.rulebook import Words, rule, t
from keju.stages.tickets.documents.parts import Hall, SitePapers, pair, room_title
from keju.stages.tickets.documents.siteplan import buildings, numbers, seats_candidates
from keju.stages.tickets.documents.wordings import ROOM_KINDS

SHOWN = ("rest", "medical", "office")
"""What candidates may look for besides their room; where papers are kept is not pointed out to them."""
WAYS = ("ahead", "left", "right")
GROUND = 1


@rule("V14.6.3")
def stairway_directions(halls: Sequence[Hall]) -> list[dict[str, object]]:
    """One board for each stairway of each floor: rooms here, and by which stairway; up; down; in which other building.

    A floor without rooms has boards too where the way leads through it: the ground floor, and all below a room. A building
    whose stairways nobody named has one a floor.
    """
    shown = [h for h in halls if seats_candidates(h) or h.kind in SHOWN]
    return [
        _board(shown, building, floor, stair)
        for building in buildings(shown)
        for floor in _floors(h.floor for h in shown if h.building == building)
        for stair in _stairs(shown, building)
    ]


def _floors(floors: Iterable[int]) -> range:
    found = set(floors)
    return range(min(*found, GROUND), max(*found, GROUND) + 1)


def _stairs(halls: Sequence[Hall], building: str) -> list[str]:
    mine = sorted((h for h in halls if h.building == building), key=lambda h: h.number)
    return list(dict.fromkeys(h.stair for h in mine if h.stair)) or [""]


def _board(halls: Sequence[Hall], building: str, floor: int, stair: str) -> dict[str, object]:
    inside = [h for h in halls if h.building == building]
    here = [h for h in inside if h.floor == floor]
    near = [h for h in here if h.stair in (stair, "")]
    return {
        "building": building,
        "floor": floor,
        "stair": stair,
        "near": _told(near),
        "far": [
            {"stair": other, **_told([h for h in here if h.stair == other])}
            for other in _stairs(inside, building)
            if other not in (stair, "") and any(h.stair == other for h in here)
        ],
        "up": [_level(inside, f) for f in sorted({h.floor for h in inside if h.floor > floor})],
        "down": [
            _level(inside, f) for f in sorted({h.floor for h in inside if h.floor < floor}, reverse=True)
        ],
        "elsewhere": [
            {"building": other, **_told([h for h in halls if h.building == other])}
            for other in buildings(halls)
            if other != building
        ],
    }


def _level(inside: Sequence[Hall], floor: int) -> dict[str, object]:
    return {"floor": floor, **_told([h for h in inside if h.floor == floor])}


def _told(halls: Sequence[Hall]) -> dict[str, object]:
    """Their numbers as ranges, and what else there is, each kind once."""
    others = dict.fromkeys(h.kind for h in halls if not seats_candidates(h))
    return {
        "rooms": numbers(h.number for h in halls if seats_candidates(h)),
        "others": [pair(ROOM_KINDS[kind]) for kind in others],
    }


@rule("V14.6.4")
def signs(halls: Sequence[Hall]) -> list[dict[str, object]]:
    """One sign for every room of the site, by building, floor and number: what it is, and its number where people sit."""
    order = buildings(halls)
    found = sorted(halls, key=lambda h: (order.index(h.building), h.floor, h.number))
    return [
        {
            "title": pair(ROOM_KINDS[h.kind]),
            "number": room_title(h.number) if h.kind in ("exam", "spare", "separate") else "",
            "building": h.building,
            "floor": h.floor,
            "name": h.name,
        }
        for h in found
    ]


@rule("V14.6.1")
def banner(papers: SitePapers) -> dict[str, object]:
    """The banner over the gate: exam with its year, region and point."""
    return {
        "line": pair(
            t(
                f"{papers.exam.zh}　{papers.region.zh}考区　{papers.point.zh}考点",
                f"{papers.exam.en} · {papers.region.en} · {papers.point.en}",
            )
        )
    }


@rule("V14.6.1")
def signposts(halls: Sequence[Hall]) -> list[dict[str, object]]:
    """To the exam rooms, to each building where there are several, to parking; each ahead, to the left, to the right."""
    seated = [h for h in halls if seats_candidates(h)]
    found: list[tuple[Words, str]] = [(t("考场", "Exam rooms"), numbers(h.number for h in seated))]
    names = buildings(seated)
    if len(names) > 1:
        found += [(t(b, b), numbers(h.number for h in seated if h.building == b)) for b in names]
    found.append((t("停车场", "Parking"), ""))
    return [{"to": pair(to), "rooms": rooms, "way": way} for to, rooms in found for way in WAYS]
