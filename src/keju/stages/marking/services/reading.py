"""Reading scanned cards: every image is kept, read once, and linked to its candidate apart from what was read."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from keju.algorithms.omr import (
    READER_VERSION,
    CardLayout,
    CardReading,
    Reason,
    Status,
    card_layout,
    read_card,
    reading_hash,
)
from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.jobs.bulk import insert_rows, insert_rows_returning
from keju.kernel.offices import Actor
from keju.stages.marking import events, rules
from keju.stages.marking.models import Batch, Link, Reading
from keju.stages.tickets import queries as tickets

Reader = Callable[[Sequence[bytes], CardLayout], list[CardReading]]
READING = [
    "batch_id",
    "office_path",
    "image_sha256",
    "reader_version",
    "digest",
    "status",
    "reasons",
    "ticket",
    "answers",
]
READING += ["doubts", "absent", "violation", "at"]
OTHER_EXAM, OTHER_BAG, DUPLICATE = "other_exam", "other_bag", "duplicate_card"


@dataclass(frozen=True)
class ReadResult:
    """What became of the images of one call, counted; `refused` by reason."""

    read: int
    to_persons: int
    already: int
    refused: dict[str, int]


@cache
def _layout(questions: int, options: str, digits: int) -> CardLayout:
    return card_layout(questions, options, digits)


def card_layout_of(exam: Exam, session_number: int) -> CardLayout:
    """The card of a session: one row per question of its subjects, a grid for the programme's ticket number."""
    subjects = exams.subjects(exam, session_number)
    return _layout(
        sum(s.questions for s in subjects), subjects[0].options, exams.programme(exam).ticket.width
    )


def read_here(images: Sequence[bytes], layout: CardLayout) -> list[CardReading]:
    """Read one after another in this process."""
    return [read_card(data, layout) for data in images]


@write("marking:batch:scan")
def read_images(
    *, exam: Exam, batch_id: int, images: Sequence[bytes], by: Actor, at: datetime, reader: Reader = read_here
) -> ReadResult:
    """Every image is stored and read; what is sure is linked to its candidate, the rest waits for persons.

    The same image twice is read once. A card of another exam, another bag, or a second card of one candidate is named and
    never scored by itself.
    """
    batch = Batch.objects.select_for_update().get(exam=exam, pk=batch_id)
    names = [hashlib.sha256(data).hexdigest() for data in images]
    known = set(
        Reading.objects.filter(batch=batch, image_sha256__in=names).values_list("image_sha256", flat=True)
    )
    fresh = {name: data for name, data in zip(names, images, strict=True) if name not in known}
    layout = card_layout_of(exam, batch.session_number)
    found = dict(zip(fresh, reader(list(fresh.values()), layout), strict=True))
    store_many(files=[NewFile(data, "card.jpg", "image/jpeg", "/") for data in fresh.values()], by=by, at=at)
    links, reasons = _identities(exam, batch, found)
    ids = insert_rows_returning(
        "marking_reading", READING, (_row(batch, name, r, reasons[name], at) for name, r in found.items())
    )
    insert_rows(
        "marking_link",
        ["reading_id", "exam_id", "office_path", "session_number", "registration_id"],
        (
            (pk, exam.pk, batch.office_path, batch.session_number, links[name])
            for pk, name in zip(ids, found, strict=True)
            if name in links
        ),
    )
    result = _count(found, reasons, len(names) - len(fresh))
    record(
        events.IMAGES_READ,
        by=by,
        at=at,
        subject=f"batch:{batch.pk}",
        exam=exam.slug,
        rules=["V17.1.0"],
        data={
            "images": len(images),
            "read": result.read,
            "to_persons": result.to_persons,
            "refused": result.refused,
            "reader": READER_VERSION,
            "readings": hashlib.sha256(
                "".join(sorted(reading_hash(r) for r in found.values())).encode()
            ).hexdigest(),
        },
    )
    return result


def _identities(
    exam: Exam, batch: Batch, found: dict[str, CardReading]
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Whose card each image is, and everything that speaks against taking it as it is."""
    system = Actor.system("marking")
    rows = tickets.room_tickets(viewer=system, exam=exam, room_id=batch.room_id)
    here = {row.number: row.registration_id for row in rows}
    taken = set(
        Link.objects.filter(
            exam=exam, session_number=batch.session_number, registration_id__in=list(here.values())
        ).values_list("registration_id", flat=True)
    )
    links: dict[str, int] = {}
    reasons: dict[str, list[str]] = {}
    for name, r in found.items():
        against = [str(reason) for reason in r.reasons if reason is not Reason.DOUBTFUL]
        if r.payload and (r.payload.exam != str(exam.pk) or r.payload.session != str(batch.session_number)):
            against.append(OTHER_EXAM)
        elif r.ticket and r.ticket not in here:
            against.append(OTHER_BAG)
        elif r.ticket and r.status is not Status.REFUSED:
            registration = here[r.ticket]
            if registration in taken:
                against.append(DUPLICATE)
            else:
                taken.add(registration)
                links[name] = registration
        reasons[name] = against
    return links, reasons


def _row(batch: Batch, name: str, r: CardReading, against: list[str], at: datetime) -> tuple[object, ...]:
    doubts = ([0] if against and r.answers else []) + list(r.doubtful)
    return (
        batch.pk, batch.office_path, name, r.reader, reading_hash(r), str(r.status), rules.dump(against), r.ticket or "",
        rules.pack([a.answer for a in r.answers]), rules.dump(doubts), r.absent, r.violation, at,
    )  # fmt: skip


def _count(found: dict[str, CardReading], reasons: dict[str, list[str]], already: int) -> ReadResult:
    refused: dict[str, int] = {}
    to_persons = read = 0
    for name, r in found.items():
        if r.status is Status.REFUSED:
            refused[reasons[name][0]] = refused.get(reasons[name][0], 0) + 1
        elif reasons[name] or r.doubtful:
            to_persons += 1
        else:
            read += 1
    return ReadResult(read, to_persons, already, refused)
