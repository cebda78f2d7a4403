"""Planning the seats of a whole region at once, and freezing the plans."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from django.conf import settings
from django.db import connection

from keju.algorithms.columns import Columns, texts, whole
from keju.algorithms.seating import Need
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.columns import insert_columns
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.registration.queries import Crowd
from keju.stages.seating import events, queries, rules
from keju.stages.seating.models import Plan, Seat
from keju.stages.seating.queries import Draft
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


@dataclass(frozen=True)
class PlanResult:
    """What was planned: so many plans (one per site in use), rooms and seats; `hash` over all of them. `pairs`: neighbours
    of one employer or school, `least` of whom nobody could avoid."""

    region_code: str
    version: int
    plans: int
    rooms: int
    seats: int
    hash: str
    pairs: int
    least: int


@write("seating:plan:make")
def make_plans(
    *, exam: Exam, region_code: str, expected_version: int | None = None, by: Actor, at: datetime
) -> PlanResult:
    """Every eligible candidate of the region has exactly one seat in a frozen plan of their host's sites.

    Granted needs are placed first; rooms take the standard of their site in order, the last of a category the remainder
    (V14.7.1); in a room the S runs by columns (V14.7.3), and neighbours of one employer or school are parted where the
    room allows it. The order of candidates is drawn by a seed that is stored. Former plans are superseded.
    Refused, with nothing changed, while a host has not reported, where rooms, a need's rooms or ticket serials do not
    suffice, and once tickets are opened. `expected_version`: the version that the page showed, else `Stale`.
    """
    if not path_of(region_code).startswith(by.office_path or "-"):
        raise NotPermitted("seating:plan:make", hidden=True)
    hold(exam, region_code)
    version = queries.next_version(exam, region_code)
    if expected_version is not None and expected_version != version - 1:
        raise Stale
    people = queries.people(exam, region_code, viewer=by)
    assignment = venues.assignment(exam, region_code)
    enforce(queries.obstacles(exam, region_code, queries.per_point(people), assignment))
    halls = venues.halls(exam, region_code)
    seeds = {host: _seed(exam, host, version) for host in sorted(set(assignment.values()))}
    draft = queries.draft(exam, people, halls, assignment, seeds, mix=queries.mixes(exam))
    enforce(draft.refusals)
    plans = _write(exam, region_code, people, draft, seeds, version, by, at)
    digest = hashlib.sha256("\n".join(p.hash for p in plans).encode()).hexdigest()
    pairs, least = sum(draft.pairs), sum(draft.least)
    used = draft.seats.rooms_used()
    record(
        events.PLANS_FROZEN,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V14.7.1", "V14.7.3"],
        data={
            "version": version, "plans": len(plans), "rooms": used, "seats": len(draft.seats), "digest": digest,
            "pairs": pairs, "least": least,
        },
    )  # fmt: skip
    return PlanResult(region_code, version, len(plans), used, len(draft.seats), digest, pairs, least)


def _write(
    exam: Exam,
    region_code: str,
    people: Crowd,
    draft: Draft,
    seeds: Mapping[str, bytes],
    version: int,
    by: Actor,
    at: datetime,
) -> list[Plan]:
    """Former plans superseded, the new ones with their seats, frozen."""
    former = Plan.objects.filter(exam=exam, superseded_at=None, site__point_code__startswith=region_code)
    Seat.objects.filter(plan__in=list(former), current=True).update(current=False)
    former.update(superseded_at=at)
    plans = Plan.objects.bulk_create(_plans(exam, people, draft, seeds, version, by))
    _insert(exam, draft, {plan.site_id: plan for plan in plans})
    Plan.objects.filter(pk__in=[p.pk for p in plans]).update(frozen_at=at)
    return plans


def _plans(
    exam: Exam, people: Crowd, draft: Draft, seeds: Mapping[str, bytes], version: int, by: Actor
) -> Iterator[Plan]:
    halls = draft.halls
    numbers, categories = [hall.number for hall in halls], queries.categories(exam)
    first = {hall.site_id: hall for hall in reversed(halls)}
    facts = _facts(people, draft)
    for site_id, start, count in draft.seats.sites([hall.site_id for hall in halls]):
        hall = first[site_id]
        mine = [n for n, other in enumerate(halls) if other.site_id == site_id]
        yield Plan(
            exam=exam,
            site_id=site_id,
            office_path=f"{path_of(hall.point_code)}{hall.site_code[-2:]}/",
            version=version,
            standard=hall.standard,
            seed=seeds[hall.point_code].hex(),
            count=count,
            hash=draft.seats.hash(start, count, numbers, categories),
            inputs=draft.inputs[hall.point_code],
            pairs=sum(draft.pairs[n] for n in mine),
            pairs_least=sum(draft.least[n] for n in mine),
            facts=facts[site_id],
            made_by=by.ref,
        )


def _facts(people: Crowd, draft: Draft) -> dict[int, dict[str, object]]:
    """Per site what its page tells of the plan: pairs by room number, needs met, and who has longer time among others."""
    needing = {pk: Need(need) for pk, need in zip(people.id, people.needs, strict=True) if need}
    needs: dict[int, Counter[str]] = {hall.site_id: Counter() for hall in draft.halls}
    for pk, room in draft.seats.rooms_of(list(needing)).items():
        hall = draft.halls[room]
        needs[hall.site_id].update(str(need.name).lower() for need in needing[pk])
        if Need.EXTRA_TIME in needing[pk] and hall.kind != venues.SEPARATE:
            needs[hall.site_id]["among_others"] += 1
    rooms: dict[int, dict[str, list[int]]] = {site: {} for site in needs}
    for hall, pairs, least in zip(draft.halls, draft.pairs, draft.least, strict=True):
        if pairs:
            rooms[hall.site_id][str(hall.number)] = [pairs, least]
    return {site: {"rooms": rooms[site], "needs": dict(sorted(needs[site].items()))} for site in needs}


def _insert(exam: Exam, draft: Draft, plans: Mapping[int, Plan]) -> None:
    seats, halls = draft.seats, draft.halls
    mine = [plans.get(hall.site_id) for hall in halls]  # a site whose rooms nobody needs has no plan
    path = next((plan.office_path for plan in plans.values()), "")
    insert_columns(
        "seating_seat",
        Columns(
            {
                "plan_id": whole([plan.pk if plan else 0 for plan in mine], at=seats.room),
                "registration_id": whole(seats.ident),
                "office_path": texts([plan.office_path if plan else path for plan in mine], at=seats.room),
                "room_id": whole([hall.id for hall in halls], at=seats.room),
                "serial": whole(seats.seat, 16),
                "column": whole(seats.column, 16),
                "row": whole(seats.row, 16),
                "category": whole(seats.category, 16),
            }
        ),
        every={"current": True},
        words={"category": queries.categories(exam)},
    )


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
