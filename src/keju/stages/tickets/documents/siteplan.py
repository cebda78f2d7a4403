"""Where a site's rooms are: buildings beside one another, floors above one another (V14.6.2). Pure.

What nobody drew is computed from what was entered of the rooms, so that it is there for every site and never out of date.
"""

from collections.abc import Iterable, Sequence

from keju.rulebook import rule
from keju.stages.tickets.documents.parts import Hall, pair, room_title
from keju.stages.tickets.documents.wordings import ROOM_KINDS

FOR_CANDIDATES = frozenset({"exam", "separate"})
"""Where candidates sit; a spare room counts once somebody was seated in it."""


def numbers(rooms: Iterable[int]) -> str:
    """Room numbers as people say them: 001–004, 007."""
    found: list[list[int]] = []
    for n in sorted(set(rooms)):
        if found and n == found[-1][1] + 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return ", ".join(room_title(a) if a == b else f"{room_title(a)}–{room_title(b)}" for a, b in found)


def buildings(halls: Iterable[Hall]) -> list[str]:
    """In the order of the rooms in them."""
    return list(dict.fromkeys(h.building for h in sorted(halls, key=lambda h: h.number)))


def seats_candidates(hall: Hall) -> bool:
    return hall.used or hall.kind in FOR_CANDIDATES


@rule("V14.6.2", "V14.3")
def site_plan(halls: Sequence[Hall]) -> list[dict[str, object]]:
    """Buildings in order; in each the floors from the top, the numbers of the exam rooms and what else is there."""
    return [
        {
            "building": building,
            "stairs": sorted({h.stair for h in halls if h.building == building and h.stair}),
            "rooms": numbers(h.number for h in halls if h.building == building and seats_candidates(h)),
            "floors": [
                _floor(floor, [h for h in halls if h.building == building and h.floor == floor])
                for floor in sorted({h.floor for h in halls if h.building == building}, reverse=True)
            ],
        }
        for building in buildings(halls)
    ]


def _floor(floor: int, halls: Sequence[Hall]) -> dict[str, object]:
    return {
        "floor": floor,
        "rooms": numbers(h.number for h in halls if seats_candidates(h)),
        "others": [{"name": h.name, **pair(ROOM_KINDS[h.kind])} for h in halls if not seats_candidates(h)],
    }
