"""Seats that change after freezing, and what follows: tickets, prints, and the people to be told.

Before opening the numbers are made again by the region (V7.1: repeatable, V7.2: room by room), so a change touches the
plan only. After opening nobody is renumbered: the number goes with the person to the new seat.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import F

from keju.kernel.audit import record, write
from keju.kernel.documents import voiding
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows, update_rows
from keju.kernel.offices.queries import path_of
from keju.rulebook import Words, enforce
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.seating import queries as seating
from keju.stages.seating import services as plans
from keju.stages.seating.services import Changed, ChangeResult, Move, Sitting
from keju.stages.tickets import events, queries, rules
from keju.stages.tickets.models import Generation, Ticket
from keju.stages.tickets.params import Params

MOVED = t(
    "您的考场或座位有变，以前打印的准考证作废，准考证号不变。请重新打印准考证，按新的考场和座位参加考试。",
    "Your room or seat has changed, so the ticket that you printed is void. Your number stays. Print your ticket again "
    "and take the room and seat that it names.",
)
ADDED = t(
    "您的考试座位已安排。请打印准考证，核对姓名、照片、考试时间和地点。",
    "You have a seat in the exam. Print your ticket and check name, photo, and when and where you sit.",
)
LEFT = t(
    "您的准考证已作废，不能凭以参加考试。如有疑问，请与报名确认的考点联系。",
    "Your ticket is revoked and admits nobody. If you have questions, ask the point where you confirmed.",
)
ANEW = "准考证号重新生成 · Numbers were made again"
COLUMNS = (
    "exam_id", "registration_id", "candidate_id", "office_path", "region_code", "site_code", "number", "plan_id",
    "room_id", "room_number", "seat", "column", "row", "category", "code", "issue", "changed_at",
)  # fmt: skip
SEAT = (
    "office_path", "site_code", "plan_id", "room_id", "room_number", "seat", "column", "row", "category", "code", "issue",
    "revoked_at", "changed_at",
)  # fmt: skip


@dataclass(frozen=True)
class SeatsChanged:
    """The change of the plans; the tickets that followed by number (empty before opening); how many prints are void."""

    plans: ChangeResult
    moved: list[str]
    added: list[str]
    revoked: list[str]
    void: int


@write("seating:plan:change")
def change_seats(
    *,
    exam: Exam,
    region_code: str,
    moves: Sequence[Move],
    reason: str,
    expected: Mapping[str, int] | None = None,
    by: Actor,
    at: datetime,
) -> SeatsChanged:
    """The people named sit as `moves` say (see `seating.services.change`), and everything printed of them follows.

    Once the region's tickets are opened: who moves keeps the number and has a new code, so that the former print
    verifies as reissued; who comes has the next serial of the host (V7.2, refused beyond the last); who leaves has a
    revoked ticket, whose number stays taken; who comes back has the same number. They are told. Papers of the rooms
    concerned are void, before opening too. All in one transaction.
    """
    done = plans.change(
        exam=exam, region_code=region_code, moves=moves, reason=reason, expected=expected, by=by, at=at
    )
    opened = queries.opened_at(exam, region_code) is not None
    followed: tuple[list[Ticket], list[str], list[Ticket]] = ([], [], [])
    if opened:
        followed = _follow(exam, region_code, done, by, at)
    moved, added, revoked = followed
    papers = [*_papers(exam, done.sites), *(("ticket", f"ticket:{k.number}", "") for k in [*moved, *revoked])]
    void = voiding.void_many(
        exam=exam,
        documents=papers,
        reason=f"v{done.version} · {reason.strip()}",
        office_path=path_of(region_code),
        by=by,
        at=at,
    )
    record(
        events.SEATS_CHANGED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V7.1", "V7.2", "V7.3"],
        data={
            "act": done.act, "version": done.version, "opened": opened, "moved": [k.number for k in moved],
            "added": added, "revoked": [k.number for k in revoked], "void": void,
        },
    )  # fmt: skip
    return SeatsChanged(done, [k.number for k in moved], added, [k.number for k in revoked], void)


def void_region(exam: Exam, region_code: str, by: Actor, at: datetime) -> int:
    """Numbers were made anew: papers of the region's sites that name them are void. Part of a write."""
    papers = [
        (kind, subject, "")
        for kind, subject, _ in voiding.printed_at(exam.slug, path_of(region_code), below=True)
        if subject.startswith("site:") and kind not in rules.PLANLESS
    ]
    if not papers:
        return 0
    return voiding.void_many(
        exam=exam, documents=papers, reason=ANEW, office_path=path_of(region_code), by=by, at=at
    )


def _papers(exam: Exam, sites: Iterable[Changed]) -> list[tuple[str, str, str]]:
    """(kind, subject, part) of the sites' papers that no longer say what the plan says."""
    found = []
    for site in sites:
        diff = site.diff
        seats = {p.room_number for pair in diff.moved.values() for p in pair}
        other = {
            p.room_number for pair in diff.moved.values() if pair[0].room_id != pair[1].room_id for p in pair
        }
        both = {p.room_number for p in [*diff.came.values(), *diff.left.values()]}
        former, now = ({r.room_id for r in seating.room_loads(p)} for p in (site.former, site.plan))
        for kind, subject, _ in voiding.printed_at(exam.slug, site.plan.office_path):
            room = subject.partition("/")[2]
            number = int(room) if room.isdecimal() else None
            part = rules.papers_void(kind, number, seats | both, other | both, former != now)
            if part is not None:
                found.append((kind, subject, part))
    return found


def _follow(
    exam: Exam, region_code: str, done: ChangeResult, by: Actor, at: datetime
) -> tuple[list[Ticket], list[str], list[Ticket]]:
    """Tickets are what the new plans say. Returns those that moved, the numbers added, those revoked."""
    # Held until the end: a reissue or a revocation meanwhile would be written over.
    mine = Ticket.objects.select_for_update().filter(exam=exam, registration_id__in=list(done.people))
    held = {k.registration_id: k for k in mine.order_by("pk")}
    goes = [held[pk] for pk, (_, to) in done.people.items() if to is None and pk in held]
    # A ticket that was revoked by itself stays so when its holder is moved; who comes back to a seat has it again.
    moves = [
        (held[pk], to)
        for pk, (was, to) in done.people.items()
        if to is not None and pk in held and (was is None or held[pk].revoked_at is None)
    ]
    comes = [(pk, to) for pk, (_, to) in done.people.items() if to is not None and pk not in held]
    goes = [k for k in goes if k.revoked_at is None]
    Ticket.objects.filter(pk__in=[k.pk for k in goes]).update(revoked_at=at, changed_at=at)
    # Off their seats first: two who exchange them would each find the other's taken.
    Ticket.objects.filter(pk__in=[k.pk for k, _ in moves]).update(seat=-F("seat"))
    update_rows("tickets_ticket", "id", SEAT, [_moved(exam, k, to, at) for k, to in moves])
    added = _add(exam, region_code, comes, by, at)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS tickets_follow IMMEDIATE; SET CONSTRAINTS tickets_follow DEFERRED")
    Generation.objects.filter(exam=exam, region_code=region_code).update(
        plans=seating.plans_digest(exam, region_code), count=F("count") + len(added)
    )
    _tell(exam, region_code, "tickets.seat_changed", MOVED, [k.candidate_id for k, _ in moves], by, at)
    _tell(exam, region_code, "tickets.revoked", LEFT, [k.candidate_id for k in goes], by, at)
    late = registration.briefs(viewer=by, exam=exam, ids=[pk for pk, _ in comes])
    _tell(exam, region_code, "tickets.added", ADDED, [b.candidate_id for b in late.values()], by, at)
    return [k for k, _ in moves], added, goes


def _moved(exam: Exam, ticket: Ticket, to: Sitting, at: datetime) -> tuple[object, ...]:
    p, issue = to.place, ticket.issue + 1
    return (
        ticket.pk, to.office_path, to.site_code, to.plan_id, p.room_id, p.room_number, p.serial, p.column, p.row,
        p.category, _code(exam, ticket.number, issue), issue, None, at,
    )  # fmt: skip


def _add(
    exam: Exam, region_code: str, comes: Sequence[tuple[int, Sitting]], by: Actor, at: datetime
) -> list[str]:
    """Who comes late has a ticket: the next serials of the host, in the order of seats."""
    layout = [(s.what, s.width) for s in exams.programme(exam).ticket.segments]
    limit = exams.params(exam, Params).serial_max
    people = registration.briefs(viewer=by, exam=exam, ids=[pk for pk, _ in comes])
    hosts: dict[str, list[tuple[int, Sitting]]] = {}
    for pk, to in sorted(comes, key=lambda c: (c[1].site_code, c[1].place.room_number, c[1].place.serial)):
        hosts.setdefault(to.site_code.partition("-")[0], []).append((pk, to))
    rows, numbers = [], []
    for host, mine in hosts.items():
        taken = queries.numbered(exam, host)
        enforce(rules.check_serials({host: taken + len(mine)}, limit))
        fresh = rules.next_numbers(exam.year, host, taken, len(mine), layout, limit)
        for (pk, to), number in zip(mine, fresh, strict=True):
            p = to.place
            rows.append((
                exam.pk, pk, people[pk].candidate_id, to.office_path, region_code, to.site_code, number, to.plan_id,
                p.room_id, p.room_number, p.serial, p.column, p.row, p.category, _code(exam, number, 1), 1, at,
            ))  # fmt: skip
        numbers += fresh
    insert_rows("tickets_ticket", COLUMNS, rows)
    return numbers


def _code(exam: Exam, number: str, issue: int) -> str:
    return rules.printed_code(bytes(settings.SECRETS.audit_mac_key), exam.slug, number, issue)


def _tell(
    exam: Exam, region_code: str, kind: str, words: Words, people: Sequence[int], by: Actor, at: datetime
) -> None:
    if people:
        notices.tell_candidates(
            exam=exam,
            candidate_ids=people,
            office_path=path_of(region_code),
            kind=kind,
            words=words,
            by=by,
            at=at,
        )
