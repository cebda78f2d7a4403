"""A ticket on paper (V7.3). Everything is read first: the candidate's own rows as theirs, the place as public facts."""

from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents import codes, pictures
from keju.kernel.documents.services import print_document
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.rulebook import Words, enforce
from keju.stages.registration import queries as registration
from keju.stages.tickets import documents, events, queries, rules
from keju.stages.tickets.documents import Holder, Place, Sitting
from keju.stages.tickets.models import Ticket
from keju.stages.tickets.queries import CODE, PRINTER
from keju.stages.venues import queries as venues

TEMPLATE = "tickets/ticket"


@write("tickets:own:print")
def print_ticket(*, exam: Exam, registration_id: int, by: Actor, at: datetime, language: str = "zh") -> bytes:
    """The ticket as PDF, one copy more in the print ledger. Refused before the region is opened and once revoked.

    A candidate prints their own; `NotPermitted(hidden=True)` for any other.
    """
    ticket = Ticket.objects.filter(exam=exam, registration_id=registration_id).first()
    if ticket is None or (by.candidate_id is not None and ticket.candidate_id != by.candidate_id):
        raise NotPermitted(hidden=True)
    opened = queries.opened_at(exam, ticket.region_code) is not None
    enforce(rules.check_may_print(opened, ticket.revoked_at is not None))
    with acting(PRINTER):
        person = registration.row(viewer=PRINTER, exam=exam, registration_id=registration_id)
        photo = files.read(person.photo_sha256, viewer=PRINTER)
    made = print_document(
        kind="ticket",
        template=TEMPLATE,
        data=documents.ticket(
            exam=exam.name,
            holder=_holder(exam, ticket, person),
            seat=(ticket.column, ticket.row),
            place=place(exam, ticket.site_code, ticket.room_id),
            sittings=sittings(exam, ticket.category),
            points=points_of(ticket.site_code),
        ),
        files={"photo": photo, "qr": pictures.qr_svg(code_of(exam, ticket))},
        exam=exam,
        subject=f"ticket:{ticket.number}",
        office_path=ticket.office_path,
        candidate_id=ticket.candidate_id,
        plan_version=f"plan:{ticket.plan_id}",
        language=language,
        by=by,
        at=at,
    )
    record(
        events.PRINTED,
        by=by,
        at=at,
        subject=f"ticket:{ticket.number}",
        exam=exam.slug,
        office_path=ticket.office_path,
        rules=["V7.3"],
        data={"copy": made.record.copy, "issue": ticket.issue, "language": language},
    )
    return made.pdf


def code_of(exam: Exam, ticket: Ticket) -> str:
    """The signed text that the ticket's code carries."""
    return codes.sign_code(CODE, f"{exam.slug}|{ticket.number}|{ticket.code}")


def category_of(exam: Exam, code: str) -> Words:
    return next(c.name for c in exams.programme(exam).categories if c.code == code)


def sittings(exam: Exam, category: str) -> list[Sitting]:
    """The sessions with the subjects that the category sits."""
    mine = exams.programme(exam).subjects_of(category)
    found = [
        (s, [subject.name for subject in mine if subject.session == s.number]) for s in exams.sessions(exam)
    ]
    return [Sitting(s.name, names, s.starts_at, s.ends_at) for s, names in found if names]


def place(exam: Exam, site_code: str, room_id: int) -> Place:
    """Where the room is: no secret for who has a ticket for it (V14.3)."""
    with acting(PRINTER):
        site = venues.site_facts(exam, site_code)
        room = venues.room_facts(exam, room_id)
    return Place(site.name, site.address, site.around, room.building, room.floor, room.number, room.name)


def points_of(site_code: str) -> tuple[Words, Words]:
    """Region and host point by name."""
    return office(site_code[:2]).name, office(site_code[:4]).name


def _holder(exam: Exam, ticket: Ticket, person: registration.Row) -> Holder:
    return Holder(
        ticket.number,
        person.name,
        person.sex,
        person.identity_masked,
        ticket.seat,
        "photo",
        category_of(exam, ticket.category),
    )
