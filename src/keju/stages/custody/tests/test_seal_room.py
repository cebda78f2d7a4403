"""The exam day: drawn per half-day, seals read, issued room by room, opened in time, counted back, brought back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Attempt, Container, Issue, JointCount, SealRoom
from keju.stages.custody.queries import evidence, life
from keju.stages.custody.queries.day_sheets import signed_ways
from keju.stages.custody.queries.evidence.around import around
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.rules.watch import Span
from keju.stages.custody.services import day_sheets, half_day, seal_room
from keju.stages.custody.services.attempts import Refused
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests.day import SESSION, SITE, STORE, Day
from keju.stages.custody.tests.hands import text_of
from keju.stages.custody.tests.world import POINT_PAPERS, codes_of, key


@pytest.fixture
def day(exam: Exam) -> Day:
    return days.day(exam)


def refused_by(act: Callable[..., object], *facts: object, **more: object) -> set[str]:
    """The codes by which it is refused: raised, or returned because the attempt is kept."""
    try:
        done = act(*facts, **more)
    except RuleRefused as refused:
        return {r.code for r in refused.refusals}
    return {r.code for r in done.refusals} if isinstance(done, Refused) else set()


@pytest.mark.rule("V15.2")
def test_only_this_half_day_leaves_the_store_on_its_day_with_enough_people(day: Day) -> None:
    exam = day.exam
    for facts, code in (
        ({"seen": days.seen(days.bags(exam, 1) + days.bags(exam, 2)[:1])}, "withdrawal_other_half_day"),
        ({"at": days.drawn_at(exam) - timedelta(days=1)}, "withdrawal_other_day"),
        ({"escort": day.escort(staff=day.staff[:1])}, "seal_room_few_staff"),
        ({"escort": half_day.Escort(day.staff[0], day.staff, {})}, "seal_room_no_officer"),
        ({"head": day.officer}, "seal_room_no_head"),
        ({"seen": [*days.seen(days.bags(exam))[:-1], days.Seen(days.bags(exam)[-1].container.code, "x")]},
         "withdrawal_seal_differs"),
    ):  # fmt: skip
        assert code in refused_by(days.withdrawn, day, **facts)
    with acting(POINT_PAPERS):
        assert sorted(a.kind for a in Attempt.objects.filter(exam=exam)) == ["wrong_half_day"] * 2
        event = Event.objects.filter(kind="custody.attempt.refused").first()
        assert event is not None and event.rules == ["V15.2"]
        assert not SealRoom.objects.exists()
    assert days.withdrawn(day).is_whole
    assert {h.place for h in days.bags(exam)} == {f"seal_room:{SITE}"}
    assert {h.place for h in days.bags(exam, 2)} == {STORE}
    with acting(POINT_PAPERS):
        row = SealRoom.objects.get()
        assert (row.head_id, row.officer_id) == (day.head, day.officer)
        assert Event.objects.get(kind="custody.seal_room.opened").data["staff"] == sorted(day.staff)


@pytest.mark.rule("V15.2", "V11.1")
def test_a_missing_or_wrong_code_moves_nothing_and_who_signed_need_not_again(day: Day) -> None:
    missing = half_day.Escort(day.officer, day.staff, day.signed(*day.staff))
    first = days.withdrawn(day, escort=missing)
    assert (first.is_whole, first.failed, first.given) == (False, [day.officer], sorted(day.staff))
    assert {h.place for h in days.bags(day.exam)} == {STORE}
    again = half_day.Escort(day.officer, day.staff, day.signed(day.officer))
    assert days.withdrawn(day, escort=again).is_whole
    days.checked(day)
    wrong = day.signed(*day.pair(1)) | {day.pair(1)[1]: "00-XXXXXX"}
    assert days.issued(day, 1, codes=wrong).failed == [day.pair(1)[1]]
    assert {h.place for h in days.bags(day.exam)} == {f"seal_room:{SITE}"}


@pytest.mark.rule("V15.3.1", "V15.3.4")
def test_a_room_gets_its_own_checked_bags_and_nobody_leaves_before_all_are_out(day: Day) -> None:
    days.withdrawn(day)
    with pytest.raises(RuleRefused) as refused:
        days.issued(day, 1)
    assert codes_of(refused) == {"issue_unchecked"}
    assert days.checked(day) == 0
    room_two = {h.container.code for h in days.bags(day.exam) if h.container.room == 2}
    first, second = day.pair(1)
    for rooms, code in (
        ([seal_room.RoomIssue(1, first, second, frozenset(room_two))], "issue_other_bag"),
        ([seal_room.RoomIssue(1, first, first)], "issue_few_invigilators"),
        ([seal_room.RoomIssue(1, first, day.staff[0])], "issue_not_invigilators"),
    ):
        with pytest.raises(RuleRefused) as refused:
            days.issued(day, 1, rooms=rooms)
        assert code in codes_of(refused)
    assert days.issued(day, 1).is_whole
    with pytest.raises(RuleRefused) as refused:
        days.issued(day, 2, rooms=[seal_room.RoomIssue(2, first, second)])
    assert codes_of(refused) == {"issue_other_room"}
    assert days.issued(day, 2).is_whole
    assert refused_by(leave, day) == {"seal_room_bags_left"}
    assert days.issued(day, 3).is_whole
    leave(day)
    mine = [h for h in days.bags(day.exam) if h.container.room == 1]
    assert {(h.place, h.holder_id) for h in mine} == {(f"room:{SITE}/1", first)}
    with acting(POINT_PAPERS):
        assert SealRoom.objects.get().left_at is not None
        assert Issue.objects.count() == 3
        assert Event.objects.filter(kind="custody.room.issued").count() == 3


def leave(day: Day) -> None:
    with acting(POINT_PAPERS):
        seal_room.leave(
            exam=day.exam,
            site_code=SITE,
            session=SESSION,
            version=1,
            by=POINT_PAPERS,
            at=days.starts(day.exam),
        )


@pytest.mark.rule("V15.3.1", "V12.6.1")
def test_a_seal_that_is_not_the_one_on_record_freezes_its_bag(day: Day) -> None:
    days.withdrawn(day)
    torn = days.bags(day.exam)[0]
    with acting(POINT_PAPERS):
        found = seal_room.check_seals(
            exam=day.exam, site_code=SITE, session=SESSION, seen=[days.Seen(torn.container.code, "")],
            key=key("torn"), by=POINT_PAPERS, at=days.drawn_at(day.exam),
        )  # fmt: skip
    assert found == 1
    (now,) = [h for h in days.bags(day.exam) if h.container_id == torn.container_id]
    assert (now.seal, now.frozen) == ("", True)


@pytest.mark.rule("V11.2.3")
def test_a_bag_is_opened_in_its_room_not_before_the_time(day: Day) -> None:
    days.withdrawn(day)
    days.checked(day)
    days.issued(day, 1)
    for rooms, at, code in (
        ((1,), days.starts(day.exam) - timedelta(minutes=11), "bag_too_early"),
        ((2,), None, "bag_elsewhere"),
    ):
        assert refused_by(days.opened, day, *rooms, at=at) == {code}
    with acting(POINT_PAPERS):
        assert [a.kind for a in Attempt.objects.all()] == ["early_opening"] * 2
    assert days.opened(day, 1) == 2
    one = next(h for h in days.bags(day.exam) if h.container.room == 1)
    assert (one.seal, one.out, one.inside) == ("", one.copies, 0)


@pytest.mark.rule("V15.5.2", "V16.1.1")
def test_rooms_are_counted_against_their_record_and_all_goes_back_together(day: Day) -> None:
    exam = day.exam
    days.withdrawn(day)
    _by_the_same_key(
        lambda: days.withdrawn(day), lambda: days.withdrawn(day, seen=days.seen(days.bags(exam))[1:])
    )
    days.checked(day)
    for room in (1, 2, 3):
        days.issued(day, room)
    other = [seal_room.RoomIssue(2, *day.pair(2))]
    _by_the_same_key(lambda: days.issued(day, 1), lambda: days.issued(day, 1, rooms=other))
    days.opened(day, 1, 2, 3)
    n = {room: days.room_copies_of(exam, room) for room in (1, 2, 3)}
    with pytest.raises(RuleRefused) as refused:
        days.counted(day, 1, Counted(n[1] - 1, 0), Counted(n[1], 0), present=n[1], absent=0)
    assert codes_of(refused) == {"count_not_all"}
    assert days.counted(
        day, 1, Counted(n[1] - 1, 1), Counted(n[1] - 1, 1), present=n[1] - 1, absent=1
    ).is_whole

    def once_more(used: int) -> object:
        whole = Counted(n[1] - 1, 1)
        return days.counted(day, 1, Counted(used, n[1] - used), whole, present=n[1] - 1, absent=1)

    _by_the_same_key(lambda: once_more(n[1] - 1), lambda: once_more(n[1]))
    back(day, refused_by="back_rooms_missing")
    assert days.counted(
        day, 2, Counted(n[2] - 1, 0, missing=1), Counted(n[2], 0), present=n[2], absent=0
    ).is_whole
    days.counted(day, 3, Counted(n[3], 0), Counted(n[3], 0), present=n[3], absent=0)
    with acting(POINT_PAPERS):
        whole, short, _ = JointCount.objects.order_by("room")
    assert whole.differences == []
    assert short.differences == [["papers_used", n[2], n[2] - 1], ["papers_missing", 0, 1]]
    lost = next(h for h in days.bags(exam) if h.container.room == 2 and h.missing)
    assert (lost.seal, lost.used, lost.missing) == ("PS2", n[2] - 1, 1)
    back(day)
    _by_the_same_key(lambda: back(day), lambda: back(day, store="store:16"))
    assert {h.place for h in days.bags(exam)} == {STORE}
    with acting(POINT_PAPERS):
        assert Event.objects.get(kind="custody.half_day.back").rules == ["V16.1.1"]
    printed(day)
    watched_and_in_evidence(day, lost.container)


def _by_the_same_key(again: Callable[[], object], otherwise: Callable[[], object]) -> None:
    """What a device sends once more is answered as before; what it sends otherwise by the same key is no answer at all."""
    again()
    _stale(otherwise)


def _stale(act: Callable[[], object]) -> None:
    with pytest.raises(Stale):
        act()


def watched_and_in_evidence(day: Day, bag: Container) -> None:
    """What lay open in a room was watched by who signed for it, and a file of the bag says who that was and what they counted."""
    exam, hour = day.exam, timedelta(hours=1)
    with acting(POINT_PAPERS):
        during = Span(days.starts(exam) - hour, days.ends(exam) + hour)
        assert life.unwatched(exam, during, viewer=POINT_PAPERS) == []
        found = evidence.chain(exam, evidence.about(exam, "container", bag.code, viewer=POINT_PAPERS))
        parts = around(exam, found).parts
    (issue,), (count,) = parts["issues"], parts["counts"]
    assert (issue["room"], count["room"], count["papers"]["missing"]) == (2, 2, 1)
    signers = {
        s["name"] for d in parts["documents"] if d["proposal"] == count["proposal"] for s in d["signatures"]
    }
    assert set(issue["invigilators"]) < signers


def printed(day: Day) -> None:
    """Both ways have their sheet: what was signed, by whom, from where to where."""
    with acting(POINT_PAPERS):
        out, home = signed_ways(day.exam, SITE, SESSION, viewer=POINT_PAPERS)
        for way, rules, to in ((out, ["V15.2"], "封卷室"), (home, ["V16.1.1"], "保密室")):
            made = day_sheets.print_way(
                exam=day.exam, site_code=SITE, session=SESSION, proposal_id=way.proposal.pk, by=POINT_PAPERS,
                at=days.ends(day.exam) + timedelta(hours=1),
            )  # fmt: skip
            words = text_of(made.pdf)
            assert all(one.signer_name in words for one in way.signatures) and len(way.signatures) == 3
            assert to in words and all(h.container.code in words for h in days.bags(day.exam))
            event = Event.objects.get(kind="custody.half_day.printed", data__proposal=way.proposal.pk)
            assert event.rules == rules


def back(day: Day, refused_by: str = "", store: str = STORE) -> None:
    def go() -> None:
        with acting(POINT_PAPERS):
            signed = half_day.bring_back(
                exam=day.exam, key=key("back"), site_code=SITE, session=SESSION, store=store, escort=day.escort(),
                by=POINT_PAPERS, at=days.ends(day.exam) + timedelta(minutes=40),
            )  # fmt: skip
            assert signed.is_whole

    if not refused_by:
        go()
        return
    with pytest.raises(RuleRefused) as refused:
        go()
    assert refused_by in codes_of(refused)
