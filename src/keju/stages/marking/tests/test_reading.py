"""Images of a bag: what is a card of it is linked, everything else is named, nothing is half-written."""

import struct
import zlib

import pytest
from django.db import DatabaseError, connection, transaction

from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.examday.tests.world import DAY, Seat, officer
from keju.stages.marking import queries, services
from keju.stages.marking.models import Batch, Link, Reading
from keju.stages.marking.tests.bags import SCORER, bag, close_day, read, scan

pytestmark = pytest.mark.django_db


def png_bomb() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def links(exam: Exam) -> set[int]:
    with acting(SCORER):
        return set(
            Link.objects.filter(exam=exam, unlink__isnull=True).values_list("registration_id", flat=True)
        )


@pytest.mark.rule("V17.1.0")
def test_each_image_is_named_for_what_it_is(exam: Exam, seats: list[Seat]) -> None:
    close_day(exam)
    batch = bag(exam, seats[0])
    good = scan(exam, seats[0].ticket)
    upside_down = scan(exam, seats[1].ticket)
    other_bag = scan(exam, seats[3].ticket)
    other_exam = scan(exam, seats[2].ticket, other="999")
    other_session = scan(exam, seats[2].ticket, session=2)
    again = scan(exam, seats[0].ticket, seed=2)
    images = [
        good,
        upside_down,
        other_bag,
        other_exam,
        other_session,
        again,
        good[:5000],
        png_bomb(),
        b"GIF89a...",
    ]
    result = read(exam, batch, *images)
    assert (result.read, result.to_persons, result.already) == (2, 4, 0)
    assert result.refused == {"truncated": 1, "too_large": 1, "not_an_image": 1}
    with acting(SCORER):
        found = list(Reading.objects.filter(batch=batch).order_by("pk"))
    assert [r.reasons for r in found[2:6]] == [
        ["other_bag"],
        ["other_exam"],
        ["other_exam"],
        ["duplicate_card"],
    ]
    assert [r.doubts for r in found[2:6]] == [[0]] * 4 and all(r.doubts == [] for r in found[6:])
    assert links(exam) == {seats[0].registration_id, seats[1].registration_id}
    # The same image again, under whatever name, is read once.
    assert read(exam, batch, good, good) == services.ReadResult(0, 0, 2, {})
    with acting(SCORER):
        assert Reading.objects.filter(batch=batch).count() == len(images)
    (row,) = rows(exam, batch)
    assert (row.images, row.linked, row.refused, row.awaited, row.doubts) == (9, 2, 3, 1, 4)
    assert row.state == "doubts"


def rows(exam: Exam, batch: Batch) -> list[queries.BatchRow]:
    with acting(SCORER):
        return queries.batch_rows(viewer=SCORER, exam=exam, batch_id=batch.pk)


def test_a_reader_that_breaks_leaves_nothing(exam: Exam, seats: list[Seat]) -> None:
    close_day(exam)
    batch = bag(exam, seats[0])

    def breaks(*_: object) -> list[object]:
        raise OSError("scanner on fire")

    with acting(SCORER), pytest.raises(OSError):
        services.read_images(
            exam=exam,
            batch_id=batch.pk,
            images=[b"x"],
            by=SCORER,
            at=DAY,
            reader=breaks,  # type: ignore[arg-type]
        )
    with acting(SCORER):
        assert not Reading.objects.exists()
        assert not Event.objects.filter(kind="marking.images.read").exists()
        assert (
            services.read_images(exam=exam, batch_id=batch.pk, images=[], by=SCORER, at=DAY)
            == services.NOTHING
        )


@pytest.mark.rule("V17.1.3")
def test_nobody_below_the_centre_sees_a_reading(exam: Exam, seats: list[Seat]) -> None:
    close_day(exam)
    batch = bag(exam, seats[0])
    read(exam, batch, scan(exam, seats[0].ticket))
    point, region = officer("point_manager", "1101"), officer("region_officer", "11")
    for by in (point, region):
        with acting(by):
            assert not Reading.objects.exists() and not Link.objects.exists()
            with pytest.raises(NotPermitted):
                services.read_images(exam=exam, batch_id=batch.pk, images=[], by=by, at=DAY)
    for role in (
        "centre_exam",
        "centre_key",
        "centre_data",
        "centre_system",
        "committee_member",
        "office_officer",
    ):
        by = officer(role, "centre")
        with acting(by), pytest.raises(NotPermitted):
            services.read_images(exam=exam, batch_id=batch.pk, images=[], by=by, at=DAY)


def test_batches_open_for_closed_rooms_once_and_readings_only_grow(exam: Exam, seats: list[Seat]) -> None:
    with acting(SCORER):
        assert services.open_batches(exam=exam, by=SCORER, at=DAY) == 0
    close_day(exam, absent={1: {seats[1].ticket}})
    with acting(SCORER):
        assert services.open_batches(exam=exam, by=SCORER, at=DAY) == 6
        assert services.open_batches(exam=exam, by=SCORER, at=DAY) == 0
    read(exam, bag(exam, seats[0]), scan(exam, seats[0].ticket))
    (row,) = rows(exam, bag(exam, seats[0]))
    assert (row.expected, row.awaited) == (2, 1), "the absent one's card is not awaited"
    tables = ("reading", "link", "batch", "decision", "key", "unlink", "missing", "key_confirmation")
    with acting(SCORER), connection.cursor() as cursor:
        for table in tables:
            for statement in (
                f"UPDATE marking_{table} SET office_path = '/'",
                f"DELETE FROM marking_{table}",
            ):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                    cursor.execute(statement)


@pytest.mark.rule("V17.1.0")
def test_cards_of_long_and_rare_names_are_printed_and_stand_in_the_ledger(
    exam: Exam, seats: list[Seat]
) -> None:
    by = officer("point_manager", "1101")
    with acting(by):
        printed = [
            services.print_cards(
                exam=exam, site_code="1101-01", room_number=1, session_number=1, by=by, at=DAY
            )
            for _ in range(2)
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT copy, pages, office_path FROM documents_print WHERE kind = 'answer_card' ORDER BY copy"
            )
            assert cursor.fetchall() == [(1, 3, "/11/1101/01/"), (2, 3, "/11/1101/01/")]
    assert printed[0] == printed[1] and printed[0].startswith(b"%PDF")
    other = officer("point_manager", "1301")
    with acting(other), pytest.raises(Session.DoesNotExist):
        services.print_cards(
            exam=exam, site_code="1101-01", room_number=1, session_number=1, by=other, at=DAY
        )


def test_the_practice_scanner_is_for_rehearsals_only(exam: Exam, seats: list[Seat]) -> None:
    close_day(exam, absent={1: {seats[1].ticket}}, violators={seats[2].ticket})
    batch = bag(exam, seats[0])
    with acting(SCORER):
        result = services.scan_practice(exam=exam, batch_id=batch.pk, by=SCORER, at=DAY)
        assert result.read + result.to_persons == 3 and not result.refused
        assert services.scan_practice(exam=exam, batch_id=batch.pk, by=SCORER, at=DAY).already == 3
        found = list(Reading.objects.filter(batch=batch).order_by("pk"))
    assert [(r.absent, r.violation) for r in found] == [(False, False), (True, False), (False, True)]
    exam.is_rehearsal = False
    for call in (
        lambda: services.practice_answers(exam, 1),
        lambda: services.practice_images(exam=exam, batch_id=batch.pk),
    ):
        with acting(SCORER), pytest.raises(RuleRefused):
            call()
