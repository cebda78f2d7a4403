"""Chapter 14.7: everybody one seat, rooms to the standard, categories apart, the S by columns. Pure."""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from keju.algorithms.seating import Seat, plan_hash, way_to_door
from keju.rulebook import Refusal, rule

SEED_FOR = b"keju/seating/1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a registration sits: room (its row's id and number in the site), number in the room, column, row."""

    registration_id: int
    room_id: int
    room_number: int
    serial: int
    column: int
    row: int
    category: str


@rule("V14.7.3")
def draw_seed(key: bytes, exam: str, host: str, version: int) -> bytes:
    """32 bytes by which the host's candidates are put in order: nobody without the key foresees them, nobody who has
    them can doubt the order that follows."""
    text = f"{exam}|{host}|{version}".encode()
    return hmac.new(key, SEED_FOR + b"\0" + text, hashlib.sha256).digest()


def frozen_hash(places: Iterable[Place]) -> str:
    """By which a frozen plan is known: over everybody's room, seat, place and category."""
    return plan_hash(
        (p.registration_id, p.room_number, p.serial, p.column, p.row, p.category) for p in places
    )


@rule("V6.3")
def check_reported(waiting: Sequence[str]) -> Iterator[Refusal]:
    """Seats are planned when every host of the region has reported its sites."""
    if waiting:
        yield Refusal("V6.3", "seating_not_reported", {"points": list(waiting)})


@rule("V5.4")
def check_reviewed(eligible: int, confirmed: int) -> Iterator[Refusal]:
    """Seats are planned for candidates whose second review is set; none before."""
    if confirmed and not eligible:
        yield Refusal("V5.4", "seating_not_reviewed")


@rule("V6.1")
def check_assigned(points: Mapping[str, int], assignment: Mapping[str, str]) -> Iterator[Refusal]:
    """Every point with candidates has a host."""
    for point, count in sorted(points.items()):
        if point not in assignment:
            yield Refusal("V6.1", "seating_no_host", {"point": point, "count": count})


@rule("V7.1")
def check_not_opened(opened: bool) -> Iterator[Refusal]:
    """Once candidates hold tickets nobody is seated anew: numbers never change after opening."""
    if opened:
        yield Refusal("V7.1", "seating_tickets_opened")


@rule("V7.2")
def too_many(point: str, count: int, limit: int) -> Refusal:
    """A host with more candidates than ticket numbers, named before anything is numbered."""
    return Refusal("V7.2", "seating_too_many", {"point": point, "count": count, "limit": limit})


@rule("V14.7.1")
def too_few_rooms(point: str, missing: int) -> Refusal:
    """A host whose rooms do not hold everybody."""
    return Refusal("V14.7.1", "seating_too_few_rooms", {"point": point, "missing": missing})


@rule("V14.7.1")
def need_unmet(point: str, need: str, missing: int) -> Refusal:
    """A host whose rooms lack what candidates need: rooms without steps, or rooms of their own."""
    return Refusal("V14.7.1", f"seating_need_{need}", {"point": point, "missing": missing})


@rule("V14.7.3")
def rows_of_desks(places: Iterable[Place], columns: int, rows: int) -> list[list[Place | None]]:
    """The room as a picture: rows from the front, in each the columns from the left facing the candidates; None empty."""
    picture: list[list[Place | None]] = [[None] * columns for _ in range(rows)]
    for place in places:
        picture[place.row - 1][place.column - 1] = place
    return picture


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk in a drawing: the middle of it, its column and row, and who sits there (None: it stays empty)."""

    x: int
    y: int
    column: int
    row: int
    place: Place | None


PITCH_X, PITCH_Y = 64, 46
"""Distance of desks in a drawing."""


@rule("V14.7.3")
def drawing(lines: list[list[Place | None]]) -> tuple[list[Desk], str, int, int]:
    """Desks, the S as the points of a line from seat to seat, width and height: a room seen facing the candidates."""
    desks = [
        Desk(PITCH_X * column + PITCH_X // 2, PITCH_Y * row + PITCH_Y // 2, column + 1, row + 1, place)
        for row, line in enumerate(lines)
        for column, place in enumerate(line)
    ]
    seated = sorted((d for d in desks if d.place), key=lambda d: d.place.serial if d.place else 0)
    line = " ".join(f"{d.x},{d.y}" for d in seated)
    return desks, line, PITCH_X * max((len(row) for row in lines), default=1), PITCH_Y * len(lines)


SEATS_IN = ("exam", "spare", "separate")
"""Kinds of rooms in which somebody may be seated by a change."""


@dataclass(frozen=True, slots=True)
class Move:
    """Who is to sit where: `to` is (room id, number in the room), None who leaves the plan.

    Room 0: any room of their host that takes them; number 0: the first free seat of the room.
    """

    registration_id: int
    to: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Hall:
    """A room as a change sees it; `limit` is the standard of its site, `host` the point that the site belongs to."""

    room_id: int
    number: int
    site_code: str
    host: str
    kind: str
    columns: int
    rows: int
    limit: int
    step_free: bool = False
    door: str = "front-right"


@dataclass(frozen=True, slots=True)
class Mover:
    """A person of a change: `at` the seat now (None: none), `host` where their point sits, `number` as people read it,
    `needs` the kinds granted to them."""

    number: str
    category: str
    host: str
    at: Place | None
    eligible: bool
    needs: frozenset[str] = frozenset()


@rule("V14.7.3")
def check_not_begun(begun: bool) -> Iterator[Refusal]:
    """Seats are changed until the first session begins; afterwards the room record says who sat elsewhere."""
    if begun:
        yield Refusal("V14.7.3", "seating_exam_begun")


@rule("V7.1")
def check_movers(moves: Sequence[Move], people: Mapping[int, Mover]) -> Iterator[Refusal]:
    """Everybody named is known and named once; who comes is eligible, who leaves is not, who moves has a seat."""
    if not moves:
        yield Refusal("V7.1", "seating_change_nobody")
    seen: set[int] = set()
    for move in moves:
        person = people.get(move.registration_id)
        if person is None or move.registration_id in seen:
            yield Refusal("V7.1", "seating_change_unknown", {"number": person.number if person else ""})
            continue
        seen.add(move.registration_id)
        facts = {"number": person.number}
        if move.to is None and person.at is None:
            yield Refusal("V7.1", "seating_change_not_seated", facts)
        elif move.to is None and person.eligible:
            yield Refusal("V7.1", "seating_change_still_eligible", facts)
        elif move.to is not None and not person.eligible:
            yield Refusal("V7.1", "seating_change_not_eligible", facts)


@rule("V6.1", "V14.7.1")
def check_seat(
    person: Mover,
    hall: Hall | None,
    others: Collection[str],
    mix: bool,
    *,
    alone: bool = False,
    leaves: Hall | None = None,
) -> Iterator[Refusal]:
    """The room is one of their host's in which people are seated, takes their category beside `others`, and has what was
    granted to them: no step, a room to oneself, longer time apart where they have it now (`leaves`: the room they sit in).
    Nobody comes to who sits `alone`, nor without a need into a room kept for needs. Who stays in a room keeps what it has.
    """
    facts = {"number": person.number}
    if hall is None or hall.kind not in SEATS_IN:
        yield Refusal("V14.7.1", "seating_change_no_room", facts)
    elif hall.host != person.host:
        yield Refusal("V6.1", "seating_change_other_host", {**facts, "host": person.host})
    elif not mix and set(others) - {person.category}:
        yield Refusal("V14.7.1", "seating_change_category", {**facts, "room": hall.number})
    elif person.at is not None and person.at.room_id == hall.room_id:
        return
    elif "step_free" in person.needs and not hall.step_free:
        yield Refusal("V14.7.1", "seating_change_steps", {**facts, "room": hall.number})
    elif "separate_room" in person.needs and (hall.kind != "separate" or others):
        yield Refusal("V14.7.1", "seating_change_apart", {**facts, "room": hall.number})
    elif alone:
        yield Refusal("V14.7.1", "seating_change_alone", {**facts, "room": hall.number})
    elif hall.kind == "separate" and not person.needs & {"separate_room", "extra_time"}:
        yield Refusal("V14.7.1", "seating_change_kept", {**facts, "room": hall.number})
    elif "extra_time" in person.needs and hall.kind != "separate" and leaves and leaves.kind == "separate":
        yield Refusal("V14.7.1", "seating_change_longer", {**facts, "room": hall.number})


@rule("V14.7.1")
def check_door(person: Mover, hall: Hall, desk: Seat, leaves: Hall | None) -> Iterator[Refusal]:
    """Who was granted a seat near the door is not moved to one from which the way to it is longer."""
    if person.at is None or leaves is None or "near_door" not in person.needs:
        return
    was = Seat(person.at.serial, person.at.column, person.at.row)
    if way(hall, desk) > way(leaves, was):
        facts = {"number": person.number, "room": hall.number, "seat": desk.serial}
        yield Refusal("V14.7.1", "seating_change_door", facts)


def way(hall: Hall, seat: Seat) -> int:
    """How far the seat is from the room's door."""
    return way_to_door(seat, hall.columns, hall.rows, hall.door)


@rule("V14.7.1")
def seat_taken(person: Mover, hall: Hall | None, serial: int) -> Refusal:
    """The seat asked for is somebody's or none of the room's; without a room: nothing is free at the whole host."""
    if hall is None:
        return Refusal("V14.7.1", "seating_change_full", {"number": person.number, "host": person.host})
    return Refusal("V14.7.1", "seating_change_taken", {"room": hall.number, "seat": serial})
