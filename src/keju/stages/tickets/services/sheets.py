"""The papers of a site's rooms: one PDF each (V7.4, V14.6.2, V14.6.5, V14.7.2, V14.7.3)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents.services import print_document
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, Words, enforce, t
from keju.stages.tickets import documents, events, queries
from keju.stages.tickets.documents import Holder, RoomSheet
from keju.stages.tickets.queries import PRINTER, RoomTicket
from keju.stages.tickets.services.printing import category_of, place, points_of, sittings
from keju.stages.venues import queries as venues

KINDS: Mapping[str, Words] = {
    "stubs": t("准考证存根", "Ticket stubs"),
    "sign_in": t("签到表", "Sign-in sheets"),
    "desk_stickers": t("桌贴", "Desk stickers"),
    "door_stickers": t("门贴", "Door stickers"),
    "room_table": t("考场分布表", "Room distribution table"),
    "allocation": t("准考证号分配表", "Ticket number allocation table"),
}
WITH_PHOTOS = {"stubs", "sign_in"}
CLAUSES = {
    "stubs": "V7.4",
    "sign_in": "V7.4",
    "desk_stickers": "V14.7.3",
    "door_stickers": "V14.6.5",
    "room_table": "V14.7.2",
    "allocation": "V14.6.2",
}


@write("tickets:sheets:print")
def print_sheets(
    *,
    exam: Exam,
    site_code: str,
    kind: str,
    room_number: int | None = None,
    language: str = "zh",
    by: Actor,
    at: datetime,
) -> bytes:
    """The site's papers of that kind (one of `KINDS`) as one PDF, or those of one room; in the print ledger.

    The host prints them also for candidates who registered at another point. `NotPermitted(hidden=True)` for a site out
    of scope or without tickets.
    """
    if kind not in KINDS:
        enforce([Refusal("V7.4", "tickets_kind", {"kind": kind})])
    if not f"{path_of(site_code[:4])}{site_code[-2:]}/".startswith(by.office_path or "-"):
        raise NotPermitted("tickets:sheets:print", hidden=True)
    people = queries.room_tickets(viewer=by, exam=exam, site_code=site_code, room_number=room_number)
    if not people:
        raise NotPermitted("tickets:sheets:print", hidden=True)
    rooms = _rooms(exam, people)
    made = print_document(
        kind=kind,
        template=f"tickets/{kind}",
        data=documents.sheets(
            exam=exam.name,
            points=points_of(site_code),
            rooms=rooms,
            sittings={
                category_of(exam, c).zh: sittings(exam, c) for c in sorted({p.category for p in people})
            },
        ),
        files=_photos(people) if kind in WITH_PHOTOS else {},
        exam=exam,
        subject=f"site:{site_code}" if room_number is None else f"site:{site_code}/{room_number}",
        office_path=f"{path_of(site_code[:4])}{site_code[-2:]}/",
        plan_version=_plan_version(exam, people, by),
        language=language,
        by=by,
        at=at,
    )
    record(
        events.SHEETS_PRINTED,
        by=by,
        at=at,
        subject=f"site:{site_code}",
        exam=exam.slug,
        office_path=made.record.office_path,
        rules=[CLAUSES[kind]],
        data={"kind": kind, "rooms": len(rooms), "candidates": len(people), "pages": made.record.pages},
    )
    return made.pdf


def _rooms(exam: Exam, people: Iterable[RoomTicket]) -> list[RoomSheet]:
    found = []
    for room_id, group in groupby(people, key=lambda p: p.room_id):
        mine = list(group)
        with acting(PRINTER):
            room = venues.room_facts(exam, room_id)
        found.append(
            RoomSheet(
                place(exam, mine[0].site_code, room_id),
                category_of(exam, mine[0].category),
                room.columns,
                room.rows,
                [_holder(exam, p) for p in mine],
                [(p.seat, p.column, p.row) for p in mine],
            )
        )
    return found


def _holder(exam: Exam, p: RoomTicket) -> Holder:
    photo = f"p{p.photo_sha256}"
    return Holder(p.number, p.name, p.sex, p.identity_masked, p.seat, photo, category_of(exam, p.category))


def _photos(people: Iterable[RoomTicket]) -> dict[str, bytes]:
    """By the name under which the template asks for them; the same photo is carried once."""
    found = files.read_many(sorted({p.photo_sha256 for p in people}), viewer=PRINTER)
    return {f"p{sha}": data for sha, data in found.items()}


def _plan_version(exam: Exam, people: Iterable[RoomTicket], by: Actor) -> str:
    first = next(iter(people))
    ticket = queries.by_number(viewer=by, exam=exam, number=first.number)
    return f"plan:{ticket.plan_id}" if ticket else ""
