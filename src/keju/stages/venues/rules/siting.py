"""Chapter 14, first half: when a site and its rooms are fit for the exam. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from unicodedata import normalize

from keju.algorithms.seating import Room as Size
from keju.algorithms.seating import Shortfall, fill_rooms
from keju.rulebook import Refusal, rule
from keju.stages.venues.params import Params

EXAM, SPARE, SEPARATE = "exam", "spare", "separate"
REST, SEAL, OFFICE, MEDICAL = "rest", "seal", "office", "medical"
STANDARD_KINDS = (EXAM, SPARE)
"""Rooms that hold the site's standard number of candidates."""
SEATING_KINDS = (*STANDARD_KINDS, SEPARATE)
"""Rooms with desks for candidates; a separate room is for somebody with a need of their own and may be small."""
KINDS = (*SEATING_KINDS, REST, SEAL, OFFICE, MEDICAL)
FRONT_LEFT, FRONT_RIGHT, BACK_LEFT, BACK_RIGHT = "front-left", "front-right", "back-left", "back-right"
DOORS = (FRONT_LEFT, FRONT_RIGHT, BACK_LEFT, BACK_RIGHT)
"""The corner at which a room's door is, as one faces the candidates; the front is where the blackboard hangs."""


@dataclass(frozen=True)
class NewRoom:
    """A room as it is entered: desks stand in `columns` of `rows`, `gap_cm` apart. `number` is unique in its site.

    `cameras`: it is under electronic surveillance; `gaokao`: it serves the college-entrance exam (P2.1).
    `door`: one of `DOORS`. `stair`: the name of the nearest stairway, as people at the school call it.
    """

    number: int
    building: str
    floor: int
    columns: int = 0
    rows: int = 0
    gap_cm: int = 0
    kind: str = EXAM
    name: str = ""
    step_free: bool = False
    cameras: bool = False
    gaokao: bool = False
    door: str = FRONT_RIGHT
    stair: str = ""


def tidied(room: NewRoom) -> NewRoom:
    """The room with its names in one spelling, so that "A座 " and "Ａ座" are one building and one stairway."""
    return replace(
        room, building=_one_spelling(room.building), stair=_one_spelling(room.stair), name=room.name.strip()
    )


def _one_spelling(name: str) -> str:
    return " ".join(normalize("NFKC", name).split())


@rule("V14.7.1")
def check_standard(standard: int, room_sizes: Sequence[int]) -> Iterator[Refusal]:
    """A site chooses one of the standard sizes."""
    if standard not in room_sizes:
        sizes = "/".join(str(size) for size in room_sizes)
        yield Refusal("V14.7.1", "venues_standard", {"sizes": sizes}, field="standard")


@rule("V14.5")
def check_room(room: NewRoom, standard: int, params: Params) -> Iterator[Refusal]:
    """A room where candidates sit keeps the gap between columns and holds its standard size at it."""
    if room.kind not in KINDS:
        yield Refusal("V14.5", "venues_room_kind", {"room": room.number, "kind": room.kind}, field="kind")
    if room.door not in DOORS:
        yield Refusal("V14.5", "venues_room_door", {"room": room.number, "door": room.door}, field="door")
    if room.kind not in SEATING_KINDS:
        return
    if room.gap_cm < params.column_gap_cm:
        facts = {"room": room.number, "gap": room.gap_cm, "least": params.column_gap_cm}
        yield Refusal("V14.5", "venues_room_gap", facts, field="gap_cm")
    if room.columns * room.rows < (standard if room.kind in STANDARD_KINDS else 1):
        facts = {"room": room.number, "desks": room.columns * room.rows, "standard": standard}
        code = "venues_room_small" if room.kind in STANDARD_KINDS else "venues_room_no_desks"
        yield Refusal("V14.5", code, facts, field="columns")


@rule("V14.2")
def check_support(rooms: Sequence[NewRoom], params: Params) -> Iterator[Refusal]:
    """Spare rooms in proportion, a rest room, and the room where bags are kept and issued."""
    yield from check_counts({kind: sum(room.kind == kind for room in rooms) for kind in KINDS}, params)


@rule("V14.2")
def check_counts(count: Mapping[str, int], params: Params) -> Iterator[Refusal]:
    """As `check_support`, of rooms already counted by kind."""
    if not count[EXAM]:
        yield Refusal("V6.3", "venues_no_rooms")
    spare = spare_rooms(count[EXAM], params)
    if count[SPARE] < spare:
        facts = {
            "have": count[SPARE],
            "need": spare,
            "rooms": count[EXAM],
            "per": params.spare_room_per_rooms,
        }
        yield Refusal("V14.2", "venues_spare", facts)
    if count[REST] < params.rest_rooms:
        yield Refusal("V14.2", "venues_rest", {"need": params.rest_rooms})
    if count[SEAL] < params.seal_rooms:
        yield Refusal("V11.2.3", "venues_seal", {"need": params.seal_rooms})


@rule("V14.2")
def spare_rooms(exam_rooms: int, params: Params) -> int:
    """How many spare rooms so many exam rooms need: one for every so many begun."""
    return ceil(exam_rooms / params.spare_room_per_rooms)


@dataclass(frozen=True)
class SiteSize:
    """A site's standard and the desks of its exam rooms, in the order in which they are filled."""

    standard: int
    desks: Sequence[int]


@rule("V14.7.1")
def check_capacity(
    counts: Mapping[str, int], sites: Sequence[SiteSize], *, mix: bool = False
) -> Iterator[Refusal]:
    """The host's rooms hold everybody assigned, each category in rooms of its own unless `mix`."""
    short = shortfall(counts, sites, mix=mix)
    if short is not None:
        total = sum(counts.values())
        yield Refusal("V14.7.1", "venues_capacity", {"count": total, "missing": short.missing_in_all})


def shortfall(counts: Mapping[str, int], sites: Sequence[SiteSize], *, mix: bool = False) -> Shortfall | None:
    """Who would find no room if everybody were seated now, categories in the order given; None if all do."""
    sizes = [min(desks, site.standard) for site in sites for desks in site.desks]
    rooms = [Size(str(place), size, place) for place, size in enumerate(sizes)]
    largest = max(sizes, default=1)
    return fill_rooms(list(counts.items()), rooms, largest, mix=mix).shortfall


@rule("V6.3")
def check_new_school(name: str, address: str, there: Mapping[tuple[str, str], str]) -> Iterator[Refusal]:
    """A host has a school once. `there`: (name, address) → code of its sites; two campuses differ in their address."""
    if site := there.get((name, address)):
        yield Refusal("V6.3", "venues_site_twice", {"site": site}, field="name_zh")


@rule("V6.3")
def check_not_reported(reported: bool, site: str) -> Iterator[Refusal]:
    """What was reported stays as it was reported, until the region gives it back."""
    if reported:
        yield Refusal("V6.3", "venues_reported", {"site": site})
