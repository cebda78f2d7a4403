"""Papers on the readiness board, from the nation to a room: what is lacking, when it is late, and green once it is done."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.readiness.asking import Found, found
from keju.kernel.readiness.registry import AMBER, GREEN, GREY, RED, State
from keju.stages.custody.models import Case
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.services import counting, half_day
from keju.stages.custody.tests import day as playing
from keju.stages.custody.tests.world import MADE_AT, POINT_PAPERS, key, papers, plan

SITE = "/13/1301/01/"
PAPERS = (
    "V10.2.2", "V11.1", "V11.2.2", "V12.6.1", "V12.6.2", "V12.6.3", "V15.2", "V15.3.1", "V15.3.4", "V15.5.2", "V15.6",
    "V16.1.1", "V16.1.2", "V16.2.1",
)  # fmt: skip


def board(exam: Exam, path: str, at: datetime) -> list[Found]:
    with acting(Actor.system("test")):
        return found(exam, path, at, rules=PAPERS)


def states(rows: Iterable[Found], rule: str) -> list[State]:
    return [one.row.state for one in rows if one.rule == rule and one.row.room is None]


def rooms(rows: Iterable[Found], rule: str) -> dict[int, State]:
    return {one.row.room: one.row.state for one in rows if one.rule == rule and one.row.room is not None}


def words(rows: Iterable[Found], rule: str) -> str:
    return next(one.row.words.en for one in rows if one.rule == rule and one.row.words)


@pytest.mark.rule("V10.2.2", "V11.1", "V11.2.2")
def test_papers_that_are_late_at_the_point_are_red_until_they_lie_there(exam: Exam) -> None:
    plan(exam)
    begins = playing.starts(exam)
    before = board(exam, "/", MADE_AT)
    assert states(before, "V10.2.2") == [GREY] and states(before, "V11.1")[-1] == AMBER
    made = papers(exam)
    rows = board(exam, "/13/", MADE_AT)
    assert states(rows, "V10.2.2") == [AMBER] and "No journey" in words(rows, "V10.2.2")
    assert states(rows, "V11.1") == [RED, RED]
    late = board(exam, "/", begins - timedelta(days=1))
    assert states(late, "V10.2.2") == [RED] and "not come" in words(late, "V10.2.2")
    playing.stored(exam, made)
    there = board(exam, "/", begins - timedelta(days=1))
    assert states(there, "V10.2.2") == states(there, "V11.2.2") == [GREEN]


@pytest.mark.rule("V11.2.2")
def test_confirmed_quantities_without_papers_wait_for_the_centre(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keju.stages.custody.services.make", lambda **_: 0)
    papers(exam)
    rows = board(exam, "/", MADE_AT)
    assert states(rows, "V11.2.2") == [AMBER] and "not made" in words(rows, "V11.2.2")


@pytest.mark.rule("V15.2", "V15.3.1", "V15.3.4", "V15.5.2", "V15.6", "V16.1.1", "V16.1.2")
def test_a_half_day_of_papers_turns_green_step_by_step(exam: Exam, seats: str) -> None:
    d = playing.day(exam)
    begins, ends = playing.starts(exam), playing.ends(exam)
    eve, early = begins - timedelta(days=1), begins - timedelta(hours=2)
    assert states(board(exam, SITE, eve), "V15.2") == [GREY]
    assert states(board(exam, SITE, early), "V15.2") == [AMBER]
    late = board(exam, "/", begins - timedelta(minutes=30))
    assert states(late, "V15.2") == [RED] and "not drawn" in words(late, "V15.2")

    playing.withdrawn(d)
    rows = board(exam, SITE, early)
    assert states(rows, "V15.2") == [GREY]  # the afternoon's turn has not come
    assert states(rows, "V15.3.1") == [AMBER] and rooms(rows, "V15.3.1") == dict.fromkeys((1, 2, 3), AMBER)
    playing.checked(d)
    assert states(board(exam, SITE, early), "V15.3.1") == [GREY]

    playing.issued(d, 1)
    rows = board(exam, SITE, begins - timedelta(minutes=1))
    assert states(rows, "V15.3.4") == [RED] and "2 rooms" in words(rows, "V15.3.4")
    assert rooms(rows, "V15.3.4") == {1: GREEN, 2: RED, 3: RED}
    above = [one.row for one in board(exam, "/13/", begins) if one.rule == "V15.3.4"]
    assert [(row.room, row.lacking) for row in above] == [(None, 2)]
    for room in (2, 3):
        playing.issued(d, room)
    playing.opened(d, 1, 2, 3)
    rows = board(exam, SITE, ends + timedelta(hours=3))
    assert (states(rows, "V15.5.2"), states(rows, "V16.1.1")) == ([RED], [RED])

    _back(d)
    rows = board(exam, SITE, ends + timedelta(hours=3))
    assert {rule: states(rows, rule) for rule in ("V15.3.4", "V15.5.2", "V15.6", "V16.1.1")} == {
        "V15.3.4": [GREY], "V15.5.2": [GREY], "V15.6": [GREEN], "V16.1.1": [GREY],
    }  # fmt: skip
    after = board(exam, "/13/1301/", playing.ends(exam, 2) + timedelta(minutes=1))
    assert states(after, "V16.1.2") == [AMBER] and states(after, "V16.2.1") == [AMBER]


def _back(d: playing.Day) -> None:
    """Every room counted back as it should be, and everything in the store."""
    every = []
    for room in (1, 2, 3):
        n = playing.room_copies_of(d.exam, room)
        every.append(counting.RoomCount(room, Counted(n, 0), Counted(n, 0), n, 0, f"PS{room}", f"CS{room}"))
    codes = d.signed(d.head, d.officer)
    at = playing.ends(d.exam) + timedelta(minutes=10)
    common = {"exam": d.exam, "site_code": playing.SITE, "session": 1, "by": POINT_PAPERS, "at": at}
    with acting(POINT_PAPERS):
        counting.take_back(
            **common, key=key("count"), rooms=every, counter=d.staff[0], codes=codes, form=True
        )
        half_day.bring_back(**common, key=key("back"), store=playing.STORE, escort=d.escort())


@pytest.mark.rule("V12.6.1", "V12.6.3")
def test_a_case_of_damage_is_late_after_its_hours(exam: Exam) -> None:
    with acting(POINT_PAPERS):
        Case.objects.create(
            exam=exam, office_path="/13/1301/", office_code="1301", key=uuid4(), kind="damage", sort="damaged", words="x",
            exposed=True, reported_by="x", reported_at=MADE_AT,
        )  # fmt: skip
    assert states(board(exam, "/", MADE_AT), "V12.6.1") == [AMBER]
    late = board(exam, "/", MADE_AT + timedelta(days=9))
    assert states(late, "V12.6.1") == states(late, "V12.6.2") == states(late, "V12.6.3") == [RED]
