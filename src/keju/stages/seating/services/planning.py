"""Planning the seats of a whole region at once, and freezing the plans."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from django.conf import settings
from django.db import connection

from keju.algorithms.seating import Allocation, Candidates, Rooms, TooMany, allocate, permutation_keys
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.stages.registration.queries import Brief
from keju.stages.seating import events, queries, rules
from keju.stages.seating.models import Plan, Seat
from keju.stages.seating.rules import Place
from keju.stages.venues import queries as venues

SEAT = (
    "plan_id",
    "registration_id",
    "office_path",
    "room_id",
    "serial",
    "column",
    "row",
    "category",
    "current",
)
RoomRow = tuple[int, int, str, str, int, int, int, int]
"""Room id, site id, site code, point code, standard, number, columns, rows."""


@dataclass(frozen=True)
class PlanResult:
    """What was planned: so many plans (one per site in use), rooms and seats; `hash` over all of them."""

    region_code: str
    version: int
    plans: int
    rooms: int
    seats: int
    hash: str


@write("seating:plan:make")
def make_plans(
    *, exam: Exam, region_code: str, expected_version: int | None = None, by: Actor, at: datetime
) -> PlanResult:
    """Every eligible candidate of the region has exactly one seat in a frozen plan of their host's sites.

    Rooms take the standard of their site in order, the last of a category the remainder (V14.7.1); in a room the S
    runs by columns (V14.7.3). The order of candidates is drawn by a seed that is stored. Former plans are superseded.
    Refused, with nothing changed, while a host has not reported, where rooms or ticket serials do not suffice, and
    once tickets are opened. `expected_version`: the version that the page showed, else `Stale`.
    """
    if not path_of(region_code).startswith(by.office_path or "-"):
        raise NotPermitted("seating:plan:make", hidden=True)
    hold(exam, region_code)
    version = queries.next_version(exam, region_code)
    if expected_version is not None and expected_version != version - 1:
        raise Stale
    people = queries.eligible(exam, region_code, viewer=by)
    assignment = venues.assignment(exam, region_code)
    points = Counter(person.point_code for person in people.values())
    enforce(queries.obstacles(exam, region_code, points, assignment))
    rooms = venues.exam_rooms(exam, region_code)
    seeds = {host: _seed(exam, host, version) for host in sorted(set(assignment.values()))}
    ids = _by_host(people, assignment)
    places = _places(exam, people, ids, rooms, _allocated(exam, people, ids, rooms, seeds), version)
    plans = _write(exam, places, rooms, seeds, version, by, at)
    digest = hashlib.sha256("\n".join(p.hash for p in plans).encode()).hexdigest()
    seats = sum(p.count for p in plans)
    used = len({(place.room_id) for part in places.values() for place in part})
    record(
        events.PLANS_FROZEN,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V14.7.1", "V14.7.3"],
        data={"version": version, "plans": len(plans), "rooms": used, "seats": seats, "digest": digest},
    )
    return PlanResult(region_code, version, len(plans), used, seats, digest)


def _by_host(people: Mapping[int, Brief], assignment: Mapping[str, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for pk, person in people.items():
        found.setdefault(assignment[person.point_code], []).append(pk)
    return {host: sorted(found[host]) for host in sorted(found)}


def _allocated(
    exam: Exam,
    people: Mapping[int, Brief],
    ids: Mapping[str, Sequence[int]],
    rooms: Sequence[RoomRow],
    seeds: Mapping[str, bytes],
) -> Allocation:
    """Host points and categories as numbers, in their order; refused where a host cannot seat everybody."""
    programme = exams.programme(exam)
    category = {c.code: n for n, c in enumerate(programme.categories)}
    every = [pk for host in ids for pk in ids[host]]
    keys = [key for host in ids for key in permutation_keys(seeds[host], ids[host]).tolist()]
    candidates = Candidates.of(
        [int(host) for host in ids for _ in ids[host]],
        [category[people[pk].category] for pk in every],
        keys,
        every,
    )
    halls = Rooms.of(
        (int(point), order, columns * rows, standard, columns, rows)
        for order, (_, _, _, point, standard, _, columns, rows) in enumerate(rooms)
    )
    done = allocate(candidates, halls, serial_max=programme.ticket.serial_max, mix=queries.mixes(exam))
    enforce(_refusal(point, why) for point, why in done.refusals)
    return done


def _refusal(point: int, why: object) -> Refusal:
    if isinstance(why, TooMany):
        return rules.too_many(f"{point:04d}", why.count, why.limit)
    return rules.too_few_rooms(f"{point:04d}", why.missing_in_all)  # type: ignore[attr-defined]


def _places(
    exam: Exam,
    people: Mapping[int, Brief],
    ids: Mapping[str, Sequence[int]],
    rooms: Sequence[RoomRow],
    done: Allocation,
    version: int,
) -> dict[int, list[Place]]:
    """Site id → everybody seated there."""
    every = (pk for host in ids for pk in ids[host])
    columns = (done.room, done.seat, done.column, done.row)
    found: dict[int, list[Place]] = {}
    for pk, room, seat, column, row in zip(every, *(c.tolist() for c in columns), strict=True):
        room_id, site_id, _, _, _, number, _, _ = rooms[room]
        place = Place(pk, room_id, number, seat, column, row, people[pk].category)
        found.setdefault(site_id, []).append(place)
    return found


def _write(
    exam: Exam,
    places: Mapping[int, Sequence[Place]],
    rooms: Sequence[RoomRow],
    seeds: Mapping[str, bytes],
    version: int,
    by: Actor,
    at: datetime,
) -> list[Plan]:
    """Former plans superseded, the new ones with their seats, frozen."""
    sites = {site_id: (code, point, standard) for _, site_id, code, point, standard, *_ in rooms}
    regions = {point[:2] for _, point, _ in sites.values()}
    former = Plan.objects.filter(
        exam=exam, superseded_at=None, site__point_code__startswith=min(regions, default="-")
    )
    Seat.objects.filter(plan__in=list(former), current=True).update(current=False)
    former.update(superseded_at=at)
    plans = Plan.objects.bulk_create(
        Plan(
            exam=exam,
            site_id=site_id,
            office_path=f"{path_of(point)}{code[-2:]}/",
            version=version,
            standard=standard,
            seed=seeds[point].hex(),
            count=len(places[site_id]),
            hash=rules.frozen_hash(places[site_id]),
            made_by=by.ref,
        )
        for site_id, (code, point, standard) in sorted(sites.items(), key=lambda item: item[1])
        if site_id in places
    )
    insert_rows("seating_seat", SEAT, _seat_rows(plans, places))
    Plan.objects.filter(pk__in=[p.pk for p in plans]).update(frozen_at=at)
    return plans


def _seat_rows(plans: Sequence[Plan], places: Mapping[int, Sequence[Place]]) -> Iterator[tuple[object, ...]]:
    for plan in plans:
        for p in places[plan.site_id]:
            yield (
                plan.pk, p.registration_id, plan.office_path, p.room_id, p.serial, p.column, p.row, p.category, True
            )  # fmt: skip


def _seed(exam: Exam, host: str, version: int) -> bytes:
    return rules.draw_seed(bytes(settings.SECRETS.audit_mac_key), exam.slug, host, version)


def hold(exam: Exam, region_code: str) -> None:
    """Until the transaction ends nobody else plans the region; nor numbers or opens its tickets, who ask for the same.

    The second of two clicks sees what the first one did, and no plan changes under an opening.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [crc32(f"keju/seating/{exam.pk}/{region_code}".encode())]
        )
