"""The day through the services: absence is said, never assumed; counts add up; each office its own rooms."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.examday import queries, services
from keju.stages.examday.models import Entry, RoomSession
from keju.stages.examday.services import SeatMark
from keju.stages.examday.tests.world import DAY, OVER, Seat, make_exam, officer, seat_people

pytestmark = pytest.mark.django_db
POINT = officer("point_manager", "1101")
OTHER = officer("point_manager", "1301")
REGION = officer("region_officer", "11")


@pytest.fixture
def exam() -> Exam:
    return make_exam()


@pytest.fixture
def seats(exam: Exam) -> list[Seat]:
    return seat_people(exam)


def codes(caught: pytest.ExceptionInfo[RuleRefused]) -> set[str]:
    return {r.code for r in caught.value.refusals}


def opened(exam: Exam, session: int = 1) -> list[RoomSession]:
    with acting(POINT):
        services.open_rooms(exam=exam, session_number=session, by=POINT, at=DAY)
        return list(queries.rooms(viewer=POINT, exam=exam, session_number=session))


def mark(exam: Exam, room: RoomSession, *marks: SeatMark, reason: str = "") -> None:
    with acting(POINT):
        services.record_marks(
            exam=exam, room_session_id=room.pk, marks=marks, reason=reason, by=POINT, at=DAY
        )


def counts(room: RoomSession) -> tuple[int, int, int]:
    with acting(POINT):
        room.refresh_from_db()
    return room.present, room.absent, room.violations


@pytest.mark.rule("V15.3.3")
def test_rooms_open_on_the_day_once_and_only_ones_own(exam: Exam, seats: list[Seat]) -> None:
    with acting(POINT), pytest.raises(RuleRefused) as refused:
        services.open_rooms(exam=exam, session_number=1, by=POINT, at=DAY - timedelta(days=1))
    assert codes(refused) == {"examday_too_early"}
    rooms = opened(exam)
    assert [(r.site_code, r.room_number, r.expected) for r in rooms] == [("1101-01", 1, 3), ("1101-01", 2, 3)]
    with acting(POINT):
        assert services.open_rooms(exam=exam, session_number=1, by=POINT, at=DAY) == 0
        with pytest.raises(Session.DoesNotExist):
            services.open_rooms(exam=exam, session_number=9, by=POINT, at=DAY)
    with acting(OTHER):
        assert not queries.rooms(viewer=OTHER, exam=exam).exists()
        with pytest.raises(RoomSession.DoesNotExist):
            queries.room(viewer=OTHER, exam=exam, room_session_id=rooms[0].pk)
        with pytest.raises(RoomSession.DoesNotExist):
            services.close_rooms(exam=exam, room_session_ids=[rooms[0].pk], by=OTHER, at=OVER)
    with acting(REGION):
        assert queries.rooms(viewer=REGION, exam=exam).count() == 2
        with pytest.raises(NotPermitted):
            services.open_rooms(exam=exam, session_number=1, by=REGION, at=DAY)


@pytest.mark.rule("V15.4.1")
def test_only_the_rooms_own_candidates_are_marked(exam: Exam, seats: list[Seat]) -> None:
    room = opened(exam)[0]
    stranger = seats[3].ticket
    with pytest.raises(RuleRefused) as refused:
        mark(exam, room, SeatMark(seats[0].ticket, True), SeatMark(stranger, True))
    assert codes(refused) == {"examday_not_of_this_room"}
    assert counts(room) == (0, 0, 0), "nothing of the refused call stands"
    with acting(POINT):
        line = queries.seats(viewer=POINT, exam=exam, room=room)[0]
    assert (line.ticket, line.seat, line.present) == (seats[0].ticket, 1, None) and line.photo_sha256


@pytest.mark.rule("V15.7")
def test_the_latest_statement_counts_and_earlier_ones_stay(exam: Exam, seats: list[Seat]) -> None:
    room = opened(exam)[0]
    mark(exam, room, SeatMark(seats[0].ticket, False))
    mark(exam, room, SeatMark(seats[0].ticket, True, " 夹带 "), SeatMark(seats[1].ticket, True))
    assert counts(room) == (2, 0, 1)
    with acting(POINT):
        said = [(e.present, e.violation) for e in Entry.objects.filter(ticket=seats[0].ticket).order_by("pk")]
        latest = {a.ticket: a for a in queries.attendance(viewer=POINT, exam=exam, session_number=1)}
    assert said == [(False, ""), (True, "夹带")]
    assert latest[seats[0].ticket].violation == "夹带"
    with pytest.raises(RuleRefused) as refused:
        mark(exam, room, SeatMark(seats[2].ticket, False, "夹带"))
    assert codes(refused) == {"examday_absent_violation"}
    with pytest.raises(RuleRefused) as refused:
        mark(exam, room, SeatMark(seats[2].ticket, True, "夹" * 301))
    assert codes(refused) == {"examday_violation_long"}
    with acting(POINT), connection.cursor() as cursor:
        for statement in ("UPDATE examday_entry SET present = true", "DELETE FROM examday_entry"):
            with pytest.raises(DatabaseError) as kept, transaction.atomic():
                cursor.execute(statement)
            assert "permission denied" in str(kept.value)


@pytest.mark.rule("V15.5.1")
def test_a_room_closes_only_when_everybody_was_spoken_of(exam: Exam, seats: list[Seat]) -> None:
    room = opened(exam)[0]
    mark(exam, room, SeatMark(seats[0].ticket, False))
    with acting(POINT), pytest.raises(RuleRefused) as refused:
        services.close_rooms(exam=exam, room_session_ids=[room.pk], by=POINT, at=OVER)
    assert codes(refused) == {"examday_incomplete"}
    with acting(POINT), pytest.raises(IntegrityError), transaction.atomic():
        RoomSession.objects.filter(pk=room.pk).update(closed_at=DAY)  # nor beside the services
    with acting(POINT):
        with pytest.raises(Stale):
            services.mark_rest_present(exam=exam, room_session_id=room.pk, seen=1, by=POINT, at=DAY)
        services.mark_rest_present(exam=exam, room_session_id=room.pk, seen=2, by=POINT, at=DAY)
        with pytest.raises(Stale):  # a double click
            services.mark_rest_present(exam=exam, room_session_id=room.pk, seen=2, by=POINT, at=DAY)
    assert counts(room) == (2, 1, 0)
    with acting(POINT):
        with pytest.raises(RuleRefused) as refused:
            services.close_rooms(exam=exam, room_session_ids=[room.pk], counted=2, by=POINT, at=OVER)
        assert codes(refused) == {"examday_count_differs"}
        services.close_rooms(exam=exam, room_session_ids=[room.pk], counted=3, by=POINT, at=OVER)
        with pytest.raises(RuleRefused):
            services.close_rooms(exam=exam, room_session_ids=[room.pk], by=POINT, at=OVER)
        event = Event.objects.filter(kind="examday.rooms.closed").get()
    assert event.data == {"rooms": 1, "present": 2, "absent": 1, "violations": 0, "counted": 3}


@pytest.mark.rule("V15.5.1")
def test_no_room_closes_before_its_session_is_over(exam: Exam, seats: list[Seat]) -> None:
    room = opened(exam)[0]
    with acting(POINT):
        services.mark_rest_present(exam=exam, room_session_id=room.pk, seen=3, by=POINT, at=DAY)
        ends = Session.objects.get(exam=exam, number=1).ends_at
        with pytest.raises(RuleRefused) as refused:
            early = ends - timedelta(seconds=1)
            services.close_rooms(exam=exam, room_session_ids=[room.pk], by=POINT, at=early)
        assert codes(refused) == {"examday_session_running"}
        assert not Event.objects.filter(kind="examday.rooms.closed").exists()
        services.close_rooms(exam=exam, room_session_ids=[room.pk], by=POINT, at=ends)
        room.refresh_from_db()
    assert room.closed_at == ends


@pytest.mark.rule("V15.7")
def test_after_closing_only_a_correction_with_a_reason(exam: Exam, seats: list[Seat]) -> None:
    room = closed_room(exam)
    for reason in ("", "   "):
        with pytest.raises(RuleRefused) as refused:
            mark(exam, room, SeatMark(seats[0].ticket, False), reason=reason)
        assert codes(refused) == {"examday_room_closed"}
    with acting(POINT), pytest.raises(RuleRefused):
        services.mark_rest_present(exam=exam, room_session_id=room.pk, seen=0, by=POINT, at=DAY)
    mark(exam, room, SeatMark(seats[0].ticket, False), reason="看错座位")
    assert counts(room) == (2, 1, 0) and room.closed_at is not None
    with acting(POINT):
        (entry,) = queries.corrections(viewer=POINT, room=room)
    assert (entry.ticket, entry.reason, entry.by) == (seats[0].ticket, "看错座位", POINT.ref)


def closed_room(exam: Exam, number: int = 0, session: int = 1) -> RoomSession:
    room = opened(exam, session)[number]
    with acting(POINT):
        services.mark_rest_present(exam=exam, room_session_id=room.pk, seen=3, by=POINT, at=DAY)
        services.close_rooms(exam=exam, room_session_ids=[room.pk], by=POINT, at=OVER)
        room.refresh_from_db()
    return room


@pytest.mark.rule("V15.9.2")
def test_absences_are_reported_when_every_room_of_both_sessions_is_closed(
    exam: Exam, seats: list[Seat]
) -> None:
    def report() -> dict[int, int]:
        with acting(POINT):
            return services.report_absences(exam=exam, by=POINT, at=DAY.replace(hour=16, minute=45))

    with pytest.raises(RuleRefused) as refused:
        report()  # nothing opened yet is not nothing absent
    assert codes(refused) == {"examday_rooms_open"}
    for session in (1, 2):
        rooms = opened(exam, session)
        mark(exam, rooms[0], SeatMark(seats[0].ticket, False))
        with acting(POINT):
            for room, rest in zip(rooms, (2, 3), strict=True):
                services.mark_rest_present(exam=exam, room_session_id=room.pk, seen=rest, by=POINT, at=DAY)
        with pytest.raises(RuleRefused) as refused:
            report()
        with acting(POINT):
            services.close_rooms(exam=exam, room_session_ids=[r.pk for r in rooms], by=POINT, at=OVER)
    assert refused.value.refusals[0].facts == {"rooms": 2}
    assert report() == {1: 1, 2: 1}
    with acting(POINT):
        duty = Obligation.objects.get(exam=exam, code="V15.9.2/point", owner_code="1101")
    assert duty.discharged_at is not None
    report()  # a second time, after a correction, is possible and recorded
    with acting(POINT):
        assert Event.objects.filter(kind="examday.absences.reported").count() == 2
    with acting(OTHER), pytest.raises(RuleRefused):
        services.report_absences(exam=exam, by=OTHER, at=DAY)


def test_totals_count_rooms_that_nobody_opened(exam: Exam, seats: list[Seat]) -> None:
    closed_room(exam)
    with acting(REGION):
        first, second = queries.totals(viewer=REGION, exam=exam)
    assert (first.rooms, first.opened, first.closed, first.expected, first.present) == (2, 2, 1, 6, 3)
    assert (second.opened, second.remaining) == (0, 6)


def test_ten_rooms_take_no_more_statements_than_one(exam: Exam, django_assert_max_num_queries) -> None:
    seats = seat_people(exam, per_room=5)
    rooms = opened(exam)
    here = {r.room_id: r.pk for r in rooms}
    marks: dict[int, list[SeatMark]] = {}
    for s in seats:
        if s.room_id in here:
            marks.setdefault(here[s.room_id], []).append(SeatMark(s.ticket, True))
    with acting(POINT), django_assert_max_num_queries(26):
        services.record_many(exam=exam, rooms=marks, by=POINT, at=DAY)
    assert [counts(r)[0] for r in rooms] == [5, 5]
