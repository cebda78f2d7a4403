"""Tickets on paper (V7.3): one for its holder, or those of a room or a site for candidates who cannot print. One code path.

Everything is read first: the holders' rows as theirs, the place as public facts. Many tickets are one file, set together:
the typeface is in it once.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from keju.algorithms.photo import for_print
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents import codes, pictures
from keju.kernel.documents.composing import Part, compose, content_hash
from keju.kernel.documents.models import Print
from keju.kernel.documents.services import Ready, enter_ready
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor, acting
from keju.rulebook import enforce
from keju.stages.registration import queries as registration
from keju.stages.tickets import documents, events, queries, rules
from keju.stages.tickets.models import Ticket
from keju.stages.tickets.queries import CODE, PRINTER
from keju.stages.tickets.services.scene import Scene, holder, scene, site_path, sittings

TEMPLATE = "tickets/ticket"
TOGETHER = 30
"""Tickets set at once; more gain nothing and hold more photos."""
PAGES = 2
PHOTO = 334
"""Pixels in height: 190 to the inch, what a laser printer shows of a face."""


@write("tickets:own:print")
def print_ticket(*, exam: Exam, registration_id: int, by: Actor, at: datetime) -> bytes:
    """The ticket as PDF, one copy more in the print ledger. Refused before the region is opened and once revoked.

    A candidate prints their own; `NotPermitted(hidden=True)` for any other.
    """
    ticket = Ticket.objects.filter(exam=exam, registration_id=registration_id).first()
    if ticket is None or (by.candidate_id is not None and ticket.candidate_id != by.candidate_id):
        raise NotPermitted(hidden=True)
    return _print(exam, [ticket], by, at)


@write("tickets:sheets:print")
def print_tickets(
    *,
    exam: Exam,
    site_code: str,
    room_number: int | None = None,
    numbers: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> bytes:
    """The valid tickets of the site, of one of its rooms, or those named, by room and seat in one file.

    Each stands in the print ledger as a copy of its own. Refused before the region is opened.
    `NotPermitted(hidden=True)` for a site out of scope, one without tickets, and a number that is not there.
    """
    if not site_path(site_code).startswith(by.office_path or "-"):
        raise NotPermitted("tickets:sheets:print", hidden=True)
    found = Ticket.objects.filter(exam=exam, site_code=site_code, revoked_at=None)
    if room_number is not None:
        found = found.filter(room_number=room_number)
    if numbers:
        found = found.filter(number__in=list(numbers))
    tickets = list(found.order_by("room_number", "seat"))
    if not tickets or (numbers and len(tickets) != len(set(numbers))):
        raise NotPermitted("tickets:sheets:print", hidden=True)
    return _print(exam, tickets, by, at)


def _print(exam: Exam, tickets: Sequence[Ticket], by: Actor, at: datetime) -> bytes:
    """Tickets of one site as one file, each with a row in the ledger, and the event."""
    opened = queries.opened_at(exam, tickets[0].region_code) is not None
    enforce(refusal for t in tickets for refusal in rules.check_may_print(opened, t.revoked_at is not None))
    site_code = tickets[0].site_code
    here = scene(exam, site_code, max(t.plan_id for t in tickets))
    hashes: list[str] = []
    made = compose(
        template=TEMPLATE,
        parts=_parts(here, tickets, hashes),
        rehearsal=exam.is_rehearsal,
        tagged=False,
    )
    pdf_hash = hashlib.sha256(made.pdf).hexdigest()
    ready = [
        Ready(
            "ticket", TEMPLATE, f"ticket:{t.number}", t.office_path, data_hash, pdf_hash, PAGES, t.candidate_id,
            f"plan:{t.plan_id}",
        )
        for t, data_hash in zip(tickets, hashes, strict=True)
    ]  # fmt: skip
    _event(exam, tickets, enter_ready(documents=ready, exam=exam, by=by, at=at), by, at)
    return made.pdf


def _parts(here: Scene, tickets: Sequence[Ticket], hashes: list[str]) -> Iterator[Part]:
    """So many at a time; the hash of each ticket's own content is added to `hashes`, however many are set together.

    A single one is not read again: its holder does that, and waits for it.
    """
    exam = here.exam
    for start in range(0, len(tickets), TOGETHER):
        mine = tickets[start : start + TOGETHER]
        with acting(PRINTER):
            people = registration.rows_of(viewer=PRINTER, exam=exam, ids=[t.registration_id for t in mine])
        faces = files.read_many([p.photo_sha256 for p in people.values()], viewer=PRINTER)
        data, carried = [], {}
        for ticket in mine:
            person = queries.room_ticket(ticket, people[ticket.registration_id])
            own = documents.ticket(
                exam=exam.name,
                holder=holder(exam, person),
                seat=(ticket.column, ticket.row),
                place=here.places[ticket.room_id],
                sittings=sittings(exam, ticket.category),
                points=here.points,
                stamp=here.stamps[ticket.plan_id],
                halls=here.halls,
            )
            held = {
                f"p{person.photo_sha256}": for_print(faces[person.photo_sha256], PHOTO),
                f"q{ticket.number}": pictures.qr_png(code_of(exam, ticket)),
            }
            hashes.append(content_hash({**own, "rehearsal": exam.is_rehearsal}, held, "zh"))
            data.append(own)
            carried |= held
        names = (
            [text for d in data for text in (str(d["number"]), str(d["name"]))] if len(tickets) > 1 else []
        )
        yield Part({"tickets": data}, carried, names, PAGES * len(mine))


def code_of(exam: Exam, ticket: Ticket) -> str:
    """The signed text that the ticket's code carries."""
    return codes.sign_code(CODE, f"{exam.slug}|{ticket.number}|{ticket.code}")


def _event(exam: Exam, tickets: Sequence[Ticket], rows: Sequence[Print], by: Actor, at: datetime) -> None:
    one = tickets[0] if len(tickets) == 1 else None
    facts = {"copy": rows[0].copy, "issue": one.issue} if one else {"count": len(tickets)}
    record(
        events.PRINTED,
        by=by,
        at=at,
        subject=f"ticket:{one.number}" if one else f"site:{tickets[0].site_code}",
        exam=exam.slug,
        office_path=tickets[0].office_path,
        rules=["V7.3"],
        data=facts,
    )
