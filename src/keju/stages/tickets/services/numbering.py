"""A region generates its numbers (V7.1, V7.2): all in one transaction, until they are opened."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from keju.algorithms.columns import Columns, texts, whole
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.columns import insert_columns
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.registration.queries import Crowd
from keju.stages.seating import queries as seating
from keju.stages.seating import services as planning
from keju.stages.seating.queries import SeatedColumns
from keju.stages.tickets import events, queries, rules
from keju.stages.tickets.models import Generation, Ticket
from keju.stages.tickets.params import Params
from keju.stages.tickets.services.changing import void_region
from keju.stages.venues import queries as venues

EVERYWHERE = Actor.system("tickets")


@dataclass(frozen=True)
class GenerationResult:
    """`changed` is False where the numbers stood already, made from these very plans."""

    region_code: str
    count: int
    hosts: int
    changed: bool


@write("tickets:numbers:generate")
def generate(*, exam: Exam, region_code: str, by: Actor, at: datetime) -> GenerationResult:
    """Every seated candidate of the region has a number: serials from 1 without a gap per host, room by room.

    All or nothing. Again with unchanged plans it changes nothing; with new plans it numbers anew, until tickets are
    opened. Refused before anything is numbered where a host's candidates outnumber the serials (named), where
    somebody eligible has no seat, and after opening. Closes V7.1; with the last region the term of V7.3 begins.
    """
    if not path_of(region_code).startswith(by.office_path or "-"):
        raise NotPermitted("tickets:numbers:generate", hidden=True)
    hold(exam, region_code)
    enforce(rules.check_renumbering(queries.opened_at(exam, region_code) is not None))
    people = seating.people(exam, region_code, viewer=by, groups=False)
    seats = seating.seated_columns(exam, region_code, seating.categories(exam))
    owners = _owners(exam, region_code, people, seats)
    hosts = _hosts(seats)
    enforce(rules.check_serials(hosts, exams.params(exam, Params).serial_max))
    digest = seating.plans_digest(exam, region_code)
    former = Generation.objects.filter(exam=exam, region_code=region_code).first()
    changed = former is None or former.plans != digest
    if changed:
        void_region(exam, region_code, by, at)
        _number(exam, region_code, owners, seats, sorted(hosts.items()))
        _remember(exam, region_code, digest, len(owners), former, by, at)
    _duties(exam, region_code, by, at)
    record(
        events.GENERATED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V7.1", "V7.2"],
        data={"count": len(owners), "hosts": dict(hosts), "plans": digest, "changed": changed},
    )
    return GenerationResult(region_code, len(owners), len(hosts), changed)


def hold(exam: Exam, region_code: str) -> None:
    """One who plans, numbers or opens a region at a time."""
    planning.hold(exam, region_code)


def _owners(exam: Exam, region_code: str, people: Crowd, seats: SeatedColumns) -> list[int]:
    """The candidate of every seat; refused where a seat is not somebody's who is eligible, at the host of their point."""
    hosts = {int(point): host for point, host in venues.assignment(exam, region_code).items()}
    host_of_plan = {pk: plan.point_code for pk, plan in seats.plans.items()}
    at = {pk: place for place, pk in enumerate(people.id)}
    places = [at.get(pk) for pk in seats.registration]
    right = {
        place
        for place, plan in zip(places, seats.plan, strict=True)
        if place is not None and hosts.get(people.point[place]) == host_of_plan[plan]
    }
    count = len(seats.registration)
    enforce(rules.check_seated(len(people.id), count, len(people.id) - len(right), count - len(right)))
    return [people.candidate[place] for place in places if place is not None]


def _hosts(seats: SeatedColumns) -> Counter[str]:
    found: Counter[str] = Counter()
    for plan, count in Counter(seats.plan).items():
        found[seats.plans[plan].point_code] += count
    return found


def _number(
    exam: Exam,
    region_code: str,
    owners: Sequence[int],
    seats: SeatedColumns,
    hosts: Sequence[tuple[str, int]],
) -> None:
    """`seats` are in the order of host, site, room, seat: that of the numbers."""
    limit = exams.params(exam, Params).serial_max
    layout = [(s.what, s.width) for s in exams.programme(exam).ticket.segments]
    numbers = rules.numbers_of(exam.year, hosts, layout, limit)
    codes = rules.printed_codes(bytes(settings.SECRETS.audit_mac_key), exam.slug, numbers)
    Ticket.objects.filter(exam=exam, region_code=region_code).delete()
    insert_columns(
        "tickets_ticket",
        Columns(
            {
                "registration_id": whole(seats.registration),
                "candidate_id": whole(owners),
                **_sites(seats),
                "number": texts(numbers),
                "plan_id": whole(seats.plan),
                "room_id": whole(seats.room),
                "room_number": whole(seats.room_number, 16),
                "seat": whole(seats.serial, 16),
                "column": whole(seats.column, 16),
                "row": whole(seats.row, 16),
                "category": whole(seats.category, 16),
                "code": texts(codes),
            }
        ),
        every={"exam_id": exam.pk, "region_code": region_code, "issue": 1},
        words={"category": seating.categories(exam)},
    )


def _sites(seats: SeatedColumns) -> dict[str, Any]:
    """The columns that are the same for all seats of a plan."""
    plans = list(seats.plans)
    place = {pk: n for n, pk in enumerate(plans)}
    at = whole([place[pk] for pk in seats.plan])
    sites = [seats.plans[pk] for pk in plans]
    return {
        "office_path": texts([s.office_path for s in sites], at=at),
        "site_code": texts([s.site_code for s in sites], at=at),
    }


def _remember(
    exam: Exam, region_code: str, digest: str, count: int, former: Generation | None, by: Actor, at: datetime
) -> None:
    Generation.objects.update_or_create(
        exam=exam,
        region_code=region_code,
        defaults={
            "office_path": path_of(region_code),
            "count": count,
            "plans": digest,
            "round": former.round + 1 if former else 1,
            "generated_by": by.ref,
            "generated_at": at,
        },
    )


def _duties(exam: Exam, region_code: str, by: Actor, at: datetime) -> None:
    evidence = f"region:{region_code}"
    duties.discharge(exam=exam, rule="V7.1", owner=region_code, evidence=evidence, by=by, at=at)
    with acting(EVERYWHERE):
        done = set(Generation.objects.filter(exam=exam).values_list("region_code", flat=True))
    waiting = [o for o in exams.openings(exam, "region") if not o.deferred_reason and o.office_id not in done]
    if not waiting and exams.milestone(exam, "tickets_generated") is None:
        duties.reach(exam=exam, key="tickets_generated", when=at, by=by, at=at)


@write("tickets:numbers:generate")
def reissue(*, exam: Exam, registration_id: int, reason: str, by: Actor, at: datetime) -> Ticket:
    """The ticket keeps its number and seat and carries a new code: whatever was printed before verifies as reissued."""
    ticket = _held(exam, registration_id, by)
    ticket.issue += 1
    ticket.code = rules.printed_code(
        bytes(settings.SECRETS.audit_mac_key), exam.slug, ticket.number, ticket.issue
    )
    ticket.changed_at = at
    ticket.save(update_fields=["issue", "code", "changed_at"])
    _event(events.REISSUED, exam, ticket, reason, by, at)
    return ticket


@write("tickets:numbers:generate")
def revoke(*, exam: Exam, registration_id: int, reason: str, by: Actor, at: datetime) -> Ticket:
    """The ticket no longer admits: its code verifies as revoked, its number stays taken, its seat empty."""
    ticket = _held(exam, registration_id, by)
    ticket.revoked_at = ticket.changed_at = at
    ticket.save(update_fields=["revoked_at", "changed_at"])
    _event(events.REVOKED, exam, ticket, reason, by, at)
    return ticket


def _held(exam: Exam, registration_id: int, by: Actor) -> Ticket:
    found = Ticket.objects.select_for_update().filter(exam=exam, registration_id=registration_id).first()
    if found is None or not found.office_path.startswith(by.office_path or "-"):
        raise NotPermitted("tickets:numbers:generate", hidden=True)
    if found.revoked_at is not None:
        raise Stale
    enforce(rules.check_may_change(queries.opened_at(exam, found.region_code) is not None))
    return found


def _event(kind: str, exam: Exam, ticket: Ticket, reason: str, by: Actor, at: datetime) -> None:
    digest = hashlib.sha256(ticket.code.encode()).hexdigest()[:16]
    record(
        kind,
        by=by,
        at=at,
        subject=f"ticket:{ticket.number}",
        exam=exam.slug,
        office_path=ticket.office_path,
        rules=["V7.3"],
        data={"issue": ticket.issue, "reason": reason, "code_digest": digest},
    )
