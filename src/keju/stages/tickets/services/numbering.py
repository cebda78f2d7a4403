"""A region generates its numbers (V7.1, V7.2): all in one transaction, until they are opened."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.registration.queries import Brief
from keju.stages.seating import queries as seating
from keju.stages.seating import services as planning
from keju.stages.seating.queries import Seated
from keju.stages.tickets import events, queries, rules
from keju.stages.tickets.models import Generation, Ticket
from keju.stages.tickets.params import Params
from keju.stages.tickets.services.changing import void_region
from keju.stages.venues import queries as venues

COLUMNS = (
    "exam_id", "registration_id", "candidate_id", "office_path", "region_code", "site_code", "number", "plan_id",
    "room_id", "room_number", "seat", "column", "row", "category", "code", "issue",
)  # fmt: skip
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
    people = seating.eligible(exam, region_code, viewer=by)
    seats = list(seating.seated(exam, region_code))
    _enforce_seated(exam, region_code, people, seats)
    hosts = Counter(s.point_code for s in seats)
    enforce(rules.check_serials(hosts, exams.params(exam, Params).serial_max))
    digest = seating.plans_digest(exam, region_code)
    former = Generation.objects.filter(exam=exam, region_code=region_code).first()
    changed = former is None or former.plans != digest
    if changed:
        void_region(exam, region_code, by, at)
        _number(exam, region_code, people, seats, sorted(hosts.items()))
        _remember(exam, region_code, digest, len(seats), former, by, at)
    _duties(exam, region_code, by, at)
    record(
        events.GENERATED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V7.1", "V7.2"],
        data={"count": len(seats), "hosts": dict(hosts), "plans": digest, "changed": changed},
    )
    return GenerationResult(region_code, len(seats), len(hosts), changed)


def hold(exam: Exam, region_code: str) -> None:
    """One who plans, numbers or opens a region at a time."""
    planning.hold(exam, region_code)


def _enforce_seated(exam: Exam, region_code: str, people: dict[int, Brief], seats: Sequence[Seated]) -> None:
    host = venues.assignment(exam, region_code)
    right = {
        s.registration_id
        for s in seats
        if s.registration_id in people and host.get(people[s.registration_id].point_code) == s.point_code
    }
    enforce(rules.check_seated(len(people), len(seats), len(people) - len(right), len(seats) - len(right)))


def _number(
    exam: Exam,
    region_code: str,
    people: dict[int, Brief],
    seats: Sequence[Seated],
    hosts: Sequence[tuple[str, int]],
) -> None:
    """`seats` are in the order of host, site, room, seat: that of the numbers."""
    limit = exams.params(exam, Params).serial_max
    layout = [(s.what, s.width) for s in exams.programme(exam).ticket.segments]
    numbers = rules.numbers_of(exam.year, hosts, layout, limit)
    Ticket.objects.filter(exam=exam, region_code=region_code).delete()
    insert_rows("tickets_ticket", COLUMNS, _rows(exam, region_code, people, seats, numbers))


def _rows(
    exam: Exam, region_code: str, people: dict[int, Brief], seats: Sequence[Seated], numbers: Sequence[str]
) -> Iterator[tuple[object, ...]]:
    key = bytes(settings.SECRETS.audit_mac_key)
    for s, number in zip(seats, numbers, strict=True):
        yield (
            exam.pk, s.registration_id, people[s.registration_id].candidate_id, s.office_path, region_code, s.site_code,
            number, s.plan_id, s.room_id, s.room_number, s.serial, s.column, s.row, s.category,
            rules.printed_code(key, exam.slug, number, 1), 1,
        )  # fmt: skip


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
