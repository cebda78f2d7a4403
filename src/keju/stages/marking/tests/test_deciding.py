"""Two persons decide what the reader would not, each for themself; what they refuse no longer counts."""

import pytest
from django.db import DatabaseError, connection, transaction

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.examday import services as day
from keju.stages.examday.models import RoomSession
from keju.stages.examday.services import SeatMark
from keju.stages.examday.tests.world import DAY, Seat, officer
from keju.stages.marking import queries, services
from keju.stages.marking.models import Batch, Link, Reading, Unlink
from keju.stages.marking.tests.bags import KEEPER, SCORER, SECOND, THIRD, bag, close_day, read, scan

pytestmark = pytest.mark.django_db


def say(exam: Exam, reading: Reading, by: Actor, **places: str) -> None:
    says = {
        {"card": 0, "who": -1}.get(k, int(k.strip("q") or 0) if k[0] == "q" else 0): v
        for k, v in places.items()
    }
    with acting(by):
        services.decide_all(exam=exam, reading_id=reading.pk, says=says, by=by, at=DAY)


def refused(exam: Exam, reading: Reading, by: Actor, **places: str) -> str:
    with pytest.raises(RuleRefused) as caught:
        say(exam, reading, by, **places)
    return caught.value.refusals[0].code


def only(batch: Batch) -> Reading:
    with acting(SCORER):
        return Reading.objects.filter(batch=batch).latest("pk")


def resolved(exam: Exam, session: int = 1) -> dict[int, queries.scoring.Resolved]:
    with acting(SCORER):
        return {r.registration_id: r for r in queries.resolved(exam, session)}


def doubts(exam: Exam) -> int:
    with acting(SCORER):
        return queries.open_doubts(exam)


@pytest.fixture
def batch(exam: Exam, seats: list[Seat]) -> Batch:
    close_day(exam)
    return bag(exam, seats[0])


@pytest.mark.rule("V17.1.0")
def test_a_doubtful_mark_is_settled_by_two_who_agree(exam: Exam, seats: list[Seat], batch: Batch) -> None:
    read(exam, batch, scan(exam, seats[0].ticket, tick=7))
    reading = only(batch)
    assert reading.doubts == [7] and doubts(exam) == 1
    assert refused(exam, reading, SCORER, q8="A") == "marking_not_in_doubt"
    assert refused(exam, reading, SCORER, q7="BA") == "marking_decision_options"
    assert refused(exam, reading, SCORER, q7="X") == "marking_decision_options"
    say(exam, reading, SCORER, q7="B")
    assert refused(exam, reading, SCORER, q7="B") == "marking_decided_already"  # a double click
    say(exam, reading, SECOND, q7="")
    assert doubts(exam) == 1, "two who differ settle nothing"
    with acting(SECOND):
        assert queries.next_reading(viewer=SECOND, exam=exam) is None
    with acting(THIRD):
        assert queries.next_reading(viewer=THIRD, exam=exam) == reading.pk
    say(exam, reading, THIRD, q7="B")
    assert doubts(exam) == 0
    assert resolved(exam)[seats[0].registration_id].answers[6] == "B"
    assert refused(exam, reading, officer("centre_scoring", "centre", 4), q7="") == "marking_settled"
    with acting(KEEPER), pytest.raises(NotPermitted):
        services.decide(exam=exam, reading_id=reading.pk, question=7, answer="B", by=KEEPER, at=DAY)


@pytest.mark.rule("V17.1.0")
def test_a_card_refused_by_two_is_out_and_a_rescan_takes_its_place(
    exam: Exam, seats: list[Seat], batch: Batch
) -> None:
    read(exam, batch, scan(exam, seats[0].ticket, tick=7))
    first = only(batch)
    assert refused(exam, first, SCORER, card="maybe") == "marking_verdict"
    say(exam, first, SCORER, card="refuse")
    assert doubts(exam) == 2, "a challenge by one keeps the card from being scored"
    assert seats[0].registration_id in resolved(exam)
    say(exam, first, SECOND, card="refuse")
    assert doubts(exam) == 0 and seats[0].registration_id not in resolved(exam)
    assert refused(exam, first, THIRD, q7="B") == "marking_settled"
    assert refused(exam, first, THIRD, card="accept") == "marking_settled"
    read(exam, batch, scan(exam, seats[0].ticket, seed=5))
    assert resolved(exam)[seats[0].registration_id].reading_id == only(batch).pk
    with acting(SCORER):
        assert list(Link.objects.order_by("attempt").values_list("attempt", flat=True)) == [1, 2]


@pytest.mark.rule("V17.1.0")
def test_of_two_cards_of_one_candidate_the_second_counts_only_after_the_first_was_refused(
    exam: Exam, seats: list[Seat], batch: Batch
) -> None:
    read(exam, batch, scan(exam, seats[0].ticket))
    first = only(batch)
    read(exam, batch, scan(exam, seats[0].ticket, seed=9))
    second = only(batch)
    assert second.reasons == ["duplicate_card"]
    assert refused(exam, second, SCORER, card="accept") == "marking_card_taken"
    for by in (SCORER, SECOND):
        say(exam, first, by, card="refuse")
        if by == SCORER:
            assert refused(exam, second, SCORER, card="accept") == "marking_card_taken"
    for by in (SCORER, SECOND):
        say(exam, second, by, card="accept")
    assert resolved(exam)[seats[0].registration_id].reading_id == second.pk and doubts(exam) == 0


def test_a_card_of_another_bag_can_only_be_refused(exam: Exam, seats: list[Seat], batch: Batch) -> None:
    read(exam, batch, scan(exam, seats[3].ticket))
    reading = only(batch)
    assert refused(exam, reading, SCORER, card="accept") == "marking_no_candidate"
    for by in (SCORER, SECOND):
        say(exam, reading, by, card="refuse")
    assert doubts(exam) == 0 and not resolved(exam)
    read(exam, bag(exam, seats[3]), scan(exam, seats[3].ticket))  # the same image in its own bag
    assert set(resolved(exam)) == {seats[3].registration_id}


def codeless(exam: Exam, ticket: str) -> bytes:
    """A card both of whose codes were torn off."""
    image = scan(exam, ticket)
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_GRAYSCALE)
    scale = picture.shape[1] / 210
    from keju.stages.marking.tests.bags import LAYOUT

    for box in (LAYOUT.code128, LAYOUT.qr):
        x, y, w, h = (round(v * scale) for v in box)
        picture[y : y + h, x : x + w] = 250
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.mark.rule("V17.1.0")
def test_a_card_without_codes_is_identified_by_two(exam: Exam, seats: list[Seat], batch: Batch) -> None:
    read(exam, batch, codeless(exam, seats[1].ticket))
    reading = only(batch)
    assert reading.reasons == ["code_unreadable"] and reading.doubts == [-1] and not resolved(exam)
    assert refused(exam, reading, SCORER, who=seats[3].ticket) == "marking_ticket_not_here"
    assert refused(exam, reading, SCORER, who="") == "marking_ticket_not_here"
    read(exam, batch, scan(exam, seats[0].ticket))
    assert refused(exam, reading, SCORER, who=seats[0].ticket) == "marking_card_taken"
    say(exam, reading, SCORER, who=seats[1].ticket)
    say(exam, reading, SECOND, who=seats[2].ticket)
    assert seats[1].registration_id not in resolved(exam)
    say(exam, reading, THIRD, who=seats[1].ticket)
    assert resolved(exam)[seats[1].registration_id].reading_id == reading.pk and doubts(exam) == 0


@pytest.mark.rule("V15.7")
def test_card_and_room_record_are_compared_and_either_is_mended(
    exam: Exam, seats: list[Seat], batch: Batch
) -> None:
    read(exam, batch, scan(exam, seats[0].ticket, violation=True), scan(exam, seats[1].ticket, absent=True))

    def differing() -> list[tuple[int, str]]:
        with acting(SCORER):
            return [(registration, what) for _, registration, _, what in queries.disagreements(exam)]

    assert differing() == [(seats[0].registration_id, "violation"), (seats[1].registration_id, "absent")]
    assert resolved(exam)[seats[1].registration_id].absent
    reading = next(r for r in readings(batch) if r.violation)
    for by in (SCORER, SECOND):
        say(exam, reading, by, card="unmarked")  # a slip of the invigilator's pencil
    assert differing() == [(seats[1].registration_id, "absent")]
    point = officer("point_manager", "1101")
    with acting(point):
        room = RoomSession.objects.get(session_number=1, room_id=seats[1].room_id)
        day.record_marks(
            exam=exam,
            room_session_id=room.pk,
            marks=[SeatMark(seats[1].ticket, False)],
            reason="误记",
            by=point,
            at=DAY,
        )
    assert differing() == []


def readings(batch: Batch) -> list[Reading]:
    with acting(SCORER):
        return list(Reading.objects.filter(batch=batch).order_by("pk"))


@pytest.mark.rule("V17.1.0")
def test_a_lost_card_is_declared_by_two_with_a_reason(exam: Exam, seats: list[Seat], batch: Batch) -> None:
    def lost(by: Actor, ticket: str, reason: str = "袋内无此卡") -> None:
        with acting(by):
            services.declare_missing(
                exam=exam, batch_id=batch.pk, ticket=ticket, reason=reason, by=by, at=DAY
            )

    def code(by: Actor, ticket: str, reason: str = "x") -> str:
        with pytest.raises(RuleRefused) as caught:
            lost(by, ticket, reason)
        return caught.value.refusals[0].code

    def unread() -> int:
        with acting(SCORER):
            return queries.unread(exam)

    before = unread()
    assert code(SCORER, seats[0].ticket, " ") == "marking_missing_reason"
    assert code(SCORER, seats[3].ticket) == "marking_ticket_not_here"
    lost(SCORER, seats[0].ticket)
    assert unread() == before and code(SCORER, seats[0].ticket) == "marking_decided_already"
    lost(SECOND, seats[0].ticket)
    assert unread() == before - 1
    read(exam, batch, scan(exam, seats[0].ticket))  # found after all: it counts
    assert seats[0].registration_id in resolved(exam)
    assert code(THIRD, seats[0].ticket) == "marking_missing_read"


def test_the_database_itself_wants_two_persons(exam: Exam, seats: list[Seat], batch: Batch) -> None:
    read(exam, batch, scan(exam, seats[0].ticket))
    reading = only(batch)
    with acting(SCORER):
        link = Link.objects.get(reading=reading)
        with pytest.raises(DatabaseError, match="refused by two"), transaction.atomic():
            Unlink.objects.create(link=link, exam=exam, at=DAY)
        with (
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match="one card each"),
            transaction.atomic(),
        ):
            cursor.execute(
                "INSERT INTO marking_link (reading_id, exam_id, office_path, session_number, registration_id, attempt)"
                " VALUES (%s, %s, '/', 1, %s, 2)",
                [reading.pk, exam.pk, seats[0].registration_id],
            )
