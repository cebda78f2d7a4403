"""Whose card a reading is, and taking that back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Count

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.stages.marking.models import Batch, Link, Reading, Unlink
from keju.stages.tickets import queries as tickets

NATION = Actor.system("marking")
LINK = ["reading_id", "exam_id", "office_path", "session_number", "registration_id", "attempt"]


def here(batch: Batch, exam: Exam) -> dict[str, int]:
    """Ticket → registration of the batch's room."""
    return tickets.numbers_in(viewer=NATION, exam=exam, room_ids=[batch.room_id])[batch.room_id]


def taken(exam: Exam, session_number: int, registrations: Collection[int]) -> set[int]:
    """Those of the registrations that have a card which counts in the session."""
    return set(
        Link.objects.filter(
            exam=exam,
            session_number=session_number,
            registration_id__in=list(registrations),
            unlink__isnull=True,
        ).values_list("registration_id", flat=True)
    )


def link(exam: Exam, batch: Batch, whose: Mapping[int, int]) -> None:
    """The readings (id → registration) are those candidates' cards. Nobody of them has another that counts."""
    made = (
        Link.objects.filter(
            exam=exam, session_number=batch.session_number, registration_id__in=list(whose.values())
        )
        .values_list("registration_id")
        .annotate(n=Count("pk"))
    )
    attempts: dict[int, int] = dict(made)
    insert_rows(
        "marking_link",
        LINK,
        (
            (reading, exam.pk, "/", batch.session_number, registration, attempts.get(registration, 0) + 1)
            for reading, registration in whose.items()
        ),
    )


def unlink(reading: Reading, at: datetime) -> bool:
    """The card no longer counts, if it did. Returns whether it did."""
    found = Link.objects.filter(reading=reading, unlink__isnull=True).first()
    if found is None:
        return False
    Unlink.objects.create(link=found, exam_id=found.exam_id, at=at)
    return True


def registrations_of(exam: Exam, numbers: Sequence[str]) -> dict[str, int]:
    """Ticket → registration, for those numbers that there are."""
    found = tickets.by_numbers(viewer=NATION, exam=exam, numbers=list(numbers))
    return {number: t.registration_id for number, t in found.items()}
