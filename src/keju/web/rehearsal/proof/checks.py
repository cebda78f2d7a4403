"""What must hold after each stage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from keju.kernel.audit.sequencing import sequence_and_sign
from keju.kernel.audit.verification import verify
from keju.rulebook.words import Words, t
from keju.web.rehearsal.world import World


@dataclass(frozen=True)
class Check:
    """One thing that must hold, whether it does, and the figures behind the answer."""

    words: Words
    holds: bool
    evidence: str


def registration(world: World) -> Iterator[Check]:
    people, rows = one(
        "SELECT count(DISTINCT identity_index), count(*) FROM registration_registration"
        " WHERE exam_id = %s AND state <> 'withdrawn'",
        world.exam.pk,
    )
    yield Check(
        t("每人全国只有一个报名", "one registration per person nationwide"),
        people == rows == world.counts_of("registered"),
        f"{rows:,} registrations, {people:,} people",
    )


def fees(world: World) -> Iterator[Check]:
    (total, unbalanced, entries) = one(
        "SELECT coalesce(sum(s), 0), count(*) FILTER (WHERE s <> 0), count(*) FROM"
        " (SELECT entry_id, sum(amount) AS s FROM fees_posting GROUP BY entry_id) e"
    )
    yield Check(
        t("账目借贷平衡，总和为零", "the ledger sums to zero, entry by entry"),
        total == 0 and unbalanced == 0 and entries > 0,
        f"{entries:,} entries, sum {total}",
    )


def seating(world: World) -> Iterator[Check]:
    eligible, seated, seats = one(
        "SELECT (SELECT count(*) FROM registration_registration WHERE exam_id = %s AND state = 'confirmed'),"
        " count(DISTINCT s.registration_id), count(*) FROM seating_seat s JOIN seating_plan p ON p.id = s.plan_id"
        " WHERE p.exam_id = %s AND p.frozen_at IS NOT NULL AND p.superseded_at IS NULL",
        world.exam.pk,
        world.exam.pk,
    )
    yield Check(
        t("每位确认合格的考生恰有一个座位", "every confirmed candidate has exactly one seat"),
        eligible == seated == seats > 0,
        f"{eligible:,} confirmed, {seated:,} seated, {seats:,} seats",
    )


def tickets(world: World) -> Iterator[Check]:
    tickets, numbers, gaps = one(
        "SELECT count(*), count(DISTINCT number), coalesce((SELECT count(*) FROM (SELECT left(number, 6) AS point,"
        " count(*) AS n, min(right(number, 4)::int) AS low, max(right(number, 4)::int) AS high FROM tickets_ticket"
        " WHERE exam_id = %s GROUP BY 1) g WHERE low <> 1 OR high <> n), 0) FROM tickets_ticket WHERE exam_id = %s",
        world.exam.pk,
        world.exam.pk,
    )
    yield Check(
        t(
            "准考证号唯一，逐考点从0001起不断号",
            "ticket numbers unique and gapless from 0001 at every host point",
        ),
        tickets == numbers > 0 and gaps == 0,
        f"{tickets:,} numbers, {gaps} points with a gap",
    )


def log(world: World) -> Iterator[Check]:
    placed = sequence_and_sign(world.calendar.archived)
    result = verify()
    yield Check(
        t("审计日志逐条可证，无改动", "the audit log verifies"),
        result.sound and result.events > 0,
        f"{result.events:,} events, {placed:,} newly placed, root {result.root.hex()[:16]}",
    )


def one(query: str, *params: object) -> tuple[int, ...]:
    """The single row of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, list(params))
        row = cursor.fetchone()
    return tuple(int(v or 0) for v in row)


PROOFS: list[tuple[str, Callable[[World], Iterator[Check]]]] = [
    ("registration", registration),
    ("fees", fees),
    ("seating", seating),
    ("tickets", tickets),
    ("announcement", log),
]
