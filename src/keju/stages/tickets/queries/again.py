"""What must be printed again at a site since seats changed, whom it concerns, and which tickets no longer hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from keju.algorithms import voidlist
from keju.kernel.documents import codes, voiding
from keju.kernel.documents.voiding import Stale
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.tickets import rules
from keju.stages.tickets.models import Ticket
from keju.stages.tickets.queries.rows import PRINTER, opened_at


@dataclass(frozen=True)
class Again:
    """A kind of paper that is void and was not printed since: for these rooms, or (none named) for the site as a whole."""

    kind: str
    rooms: tuple[int, ...]
    reason: str
    voided_at: datetime


@dataclass(frozen=True, slots=True)
class ChangedTicket:
    """A ticket that is not what was opened; `printed` once its holder has printed it as it is now."""

    number: str
    registration_id: int
    room_number: int
    seat: int
    issue: int
    state: str
    changed_at: datetime
    printed: bool


def again(exam: Exam, office_path: str) -> list[Again]:
    """Papers of the site (its path) to be printed again, by kind.

    A room's pages are good again once the room, or the whole site, was printed after they were declared void.
    """
    found: dict[str, list[Stale]] = {}
    for row in voiding.stale(exam.slug, office_path):
        found.setdefault(row.kind, []).append(row)
    prints: dict[str, list[tuple[str, int]]] = {}
    for kind, subject, pk in voiding.printed_at(exam.slug, office_path):
        prints.setdefault(kind, []).append((subject, pk))
    return [line for kind in sorted(found) for line in _of_kind(kind, found[kind], prints.get(kind, []))]


def _of_kind(kind: str, voided: list[Stale], prints: list[tuple[str, int]]) -> Iterator[Again]:
    site = max((pk for subject, pk in prints if "/" not in subject), default=0)
    single = {int(subject.partition("/")[2]): pk for subject, pk in prints if "/" in subject}
    rooms: dict[int, Stale] = {}
    whole = None
    for row in voided:
        room = row.subject.partition("/")[2]
        for number in (int(room),) if room else row.part:
            if max(site, single.get(number, 0)) <= row.up_to:
                rooms[number] = row
        if not room and not row.part and site <= row.up_to:
            whole = row
    if whole is not None:
        yield Again(kind, (), whole.reason, whole.voided_at)
    elif rooms:
        last = max(rooms.values(), key=lambda r: r.voided_at)
        yield Again(kind, tuple(sorted(rooms)), last.reason, last.voided_at)


def changed_tickets(exam: Exam, site_code: str, *, viewer: Actor) -> list[ChangedTicket]:
    """Tickets of the site that were reissued, added or revoked since opening, latest first."""
    under = {"office_path__gte": viewer.office_path, "office_path__lt": viewer.office_path + "~"}
    found = list(
        Ticket.objects.filter(exam=exam, site_code=site_code, **under)
        .exclude(changed_at=None)
        .order_by("-changed_at", "number")
    )
    since = [(f"ticket:{k.number}", k.changed_at) for k in found if k.changed_at]
    with acting(PRINTER):
        printed = voiding.printed_since(exam.slug, "ticket", since)
    return [
        ChangedTicket(
            k.number, k.registration_id, k.room_number, k.seat, k.issue,
            "revoked" if k.revoked_at else "reissued" if k.issue > 1 else "added", k.changed_at,
            f"ticket:{k.number}" in printed,
        )
        for k in found if k.changed_at
    ]  # fmt: skip


def numbered(exam: Exam, host: str) -> int:
    """How many numbers the host point has given: its last serial, for they have no gap."""
    return _of_host(exam, host).count()


def void_list(exam: Exam, host: str) -> tuple[int, str]:
    """(version, signed text) of the list of the host's tickets that no longer hold, for devices without a network.

    By host, not by site: who was moved to another site of the host may come to the former one with the former print.
    Empty, of version 0, until tickets are opened.
    """
    with acting(PRINTER):
        rows: list[tuple[str, int, bool, str]] = []
        if opened_at(exam, host[:2]) is not None:
            found = _of_host(exam, host).exclude(issue=1, revoked_at=None)
            rows = [(k.number, k.issue, k.revoked_at is not None, k.code) for k in found]
    version = rules.list_version((issue, revoked) for _, issue, revoked, _ in rows)
    entries = {number: None if revoked else code for number, _, revoked, code in rows}
    signer = codes.note_signer(voidlist.KEY_NAME)
    return version, voidlist.write(exam.slug, host, version, entries, signer)


def _of_host(exam: Exam, host: str) -> QuerySet[Ticket]:
    codes = [f"{host}-{n:02d}" for n in range(1, 100)]
    return Ticket.objects.filter(exam=exam, site_code__in=codes)
