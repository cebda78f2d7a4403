"""Reading scanned cards: every image is kept, read once, and linked to its candidate apart from what was read."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.algorithms.omr import (
    READER_VERSION,
    CardLayout,
    CardReading,
    Reason,
    Status,
    read_card,
    reading_hash,
)
from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows_returning
from keju.stages.marking import events, queries, rules
from keju.stages.marking.models import Batch, Reading
from keju.stages.marking.services import linking
from keju.stages.marking.services.locking import for_cards

Reader = Callable[[Sequence[bytes], CardLayout], list[CardReading]]
READING = [
    "batch_id", "exam_id", "office_path", "image_sha256", "reader_version", "digest", "status", "reasons", "ticket",
    "answers", "doubts", "absent", "violation", "at",
]  # fmt: skip
OTHER_EXAM, OTHER_BAG, DUPLICATE = "other_exam", "other_bag", "duplicate_card"
#: Persons say whose card it is where the three witnesses to its number are silent or contradict each other.
NAMELESS = {Reason.CODE_UNREADABLE, Reason.CODES_DISAGREE, Reason.TICKET_MISMATCH}
KINDS = (
    (b"\xff\xd8", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)


@dataclass(frozen=True)
class ReadResult:
    """What became of the images of one call, counted; `refused` by reason."""

    read: int
    to_persons: int
    already: int
    refused: Mapping[str, int]

    def plus(self, other: "ReadResult") -> "ReadResult":
        """Both together."""
        refused = dict(self.refused)
        for reason, n in other.refused.items():
            refused[reason] = refused.get(reason, 0) + n
        return ReadResult(
            self.read + other.read, self.to_persons + other.to_persons, self.already + other.already, refused
        )


NOTHING = ReadResult(0, 0, 0, {})


def read_here(images: Sequence[bytes], layout: CardLayout) -> list[CardReading]:
    """Read one after another in this process."""
    return [read_card(data, layout) for data in images]


@write("marking:batch:scan")
def read_images(
    *, exam: Exam, batch_id: int, images: Sequence[bytes], by: Actor, at: datetime, reader: Reader = read_here
) -> ReadResult:
    """Every image is stored and read; what is sure is linked to its candidate, the rest waits for persons.

    The same image twice is read once, under whatever name. A card of another exam, another bag, or a second card of one
    candidate is named and never scored by itself. All of it stands, or nothing.
    """
    batch = Batch.objects.get(exam=exam, pk=batch_id)
    for_cards(exam, batch.pk)
    names = [hashlib.sha256(data).hexdigest() for data in images]
    known = set(
        Reading.objects.filter(batch=batch, image_sha256__in=names).values_list("image_sha256", flat=True)
    )
    fresh = {name: data for name, data in zip(names, images, strict=True) if name not in known}
    layout = queries.layout_of(exam, batch.session_number)
    found = dict(zip(fresh, reader(list(fresh.values()), layout), strict=True))
    if fresh:
        store_many(files=[_file(name, data) for name, data in fresh.items()], by=by, at=at)
    whose, reasons = _identities(exam, batch, found)
    ids = insert_rows_returning(
        "marking_reading", READING, (_row(batch, name, r, reasons[name], at) for name, r in found.items())
    )
    linking.link(exam, batch, {pk: whose[name] for pk, name in zip(ids, found, strict=True) if name in whose})
    result = _count(found, reasons, len(names) - len(fresh))
    _record(exam, batch, found, result, by, at)
    return result


def _file(name: str, data: bytes) -> NewFile:
    kind = next((kind for start, kind in KINDS if data.startswith(start)), "application/octet-stream")
    return NewFile(data, f"card-{name[:12]}", kind, "/")


def _identities(
    exam: Exam, batch: Batch, found: Mapping[str, CardReading]
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Whose card each image is, and everything that speaks against taking it as it is."""
    here = linking.here(batch, exam)
    taken = linking.taken(exam, batch.session_number, list(here.values()))
    whose: dict[str, int] = {}
    reasons: dict[str, list[str]] = {}
    for name, r in found.items():
        against = [str(reason) for reason in r.reasons if reason is not Reason.DOUBTFUL]
        if r.payload and (r.payload.exam != str(exam.pk) or r.payload.session != str(batch.session_number)):
            against.append(OTHER_EXAM)
        elif r.ticket and r.ticket not in here:
            against.append(OTHER_BAG)
        elif r.ticket and r.status is not Status.REFUSED and not NAMELESS.intersection(r.reasons):
            registration = here[r.ticket]
            if registration in taken:
                against.append(DUPLICATE)
            else:
                taken.add(registration)
                whose[name] = registration
        reasons[name] = against
    return whose, reasons


def _doubts(r: CardReading, against: Sequence[str]) -> list[int]:
    """The places that persons decide; none of a file that is no card."""
    if r.status is Status.REFUSED:
        return []
    foreign = OTHER_EXAM in against or OTHER_BAG in against
    nameless = not foreign and bool(NAMELESS.intersection(r.reasons))
    other = [reason for reason in against if reason not in NAMELESS]
    return [
        *([rules.IDENTITY] if nameless else []),
        *([rules.CARD] if other else []),
        *([] if foreign else r.doubtful),
    ]


def _row(batch: Batch, name: str, r: CardReading, against: Sequence[str], at: datetime) -> tuple[object, ...]:
    return (
        batch.pk, batch.exam_id, "/", name, r.reader, reading_hash(r), str(r.status), rules.dump(list(against)),
        r.ticket or "", rules.pack([a.answer for a in r.answers]), rules.dump(_doubts(r, against)), r.absent,
        r.violation, at,
    )  # fmt: skip


def _count(
    found: Mapping[str, CardReading], reasons: Mapping[str, Sequence[str]], already: int
) -> ReadResult:
    refused: dict[str, int] = {}
    to_persons = read = 0
    for name, r in found.items():
        if r.status is Status.REFUSED:
            refused[reasons[name][0]] = refused.get(reasons[name][0], 0) + 1
        elif _doubts(r, reasons[name]):
            to_persons += 1
        else:
            read += 1
    return ReadResult(read, to_persons, already, refused)


def _record(
    exam: Exam, batch: Batch, found: Mapping[str, CardReading], result: ReadResult, by: Actor, at: datetime
) -> None:
    digests = "".join(sorted(reading_hash(r) for r in found.values()))
    record(
        events.IMAGES_READ,
        by=by,
        at=at,
        subject=f"batch:{batch.pk}",
        exam=exam.slug,
        office_path="/",
        rules=["V17.1.0"],
        data={
            "images": len(found) + result.already,
            "read": result.read,
            "to_persons": result.to_persons,
            "already": result.already,
            "refused": dict(result.refused),
            "reader": READER_VERSION,
            "readings": hashlib.sha256(digests.encode()).hexdigest(),
        },
    )
