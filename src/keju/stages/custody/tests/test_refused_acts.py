"""The services ask the rules: what a rule refuses is refused by the act, and nothing moves; what is said twice is done once.

The rules' own cases stand in `test_each_refusal`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import (
    Container,
    Destruction,
    Entry,
    Finding,
    JointCount,
    KeyStep,
    Step,
    Store,
)
from keju.stages.custody.rules.containers import Kind, code
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.rules.seal_room import Seen
from keju.stages.custody.rules.stores import NewStore
from keju.stages.custody.services import (
    counting,
    ending,
    entries,
    half_day,
    keys,
    seal_room,
    spares,
    store_leave,
    stores,
)
from keju.stages.custody.services import watching as watch
from keju.stages.custody.services.attempts import Refused
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.services.stores import Look
from keju.stages.custody.services.watching import NewSpan
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests import stores as keeping
from keju.stages.custody.tests.day import SESSION, SITE, STORE
from keju.stages.custody.tests.stores import CAME
from keju.stages.custody.tests.test_after_exam import used
from keju.stages.custody.tests.test_seal_room import back
from keju.stages.custody.tests.world import POINT_PAPERS, REGION_PAPERS, key, stamped
from keju.stages.venues.tests.year import AT, staff


def why(act: Callable[[], object]) -> set[str]:
    """The codes by which the point's act is refused; empty when it is done."""
    with acting(POINT_PAPERS):
        try:
            done = act()
        except RuleRefused as refused:
            return {r.code for r in refused.refusals}
    return {r.code for r in done.refusals} if isinstance(done, Refused) else set()


def places(exam: Exam) -> set[tuple[str, str]]:
    return {(h.container.code, h.place) for n in (1, 2) for h in days.bags(exam, n)}


@pytest.mark.rule("V15.2", "V15.3.1", "V15.3.4", "V15.5.2", "V16.1.1", "V11.2.3")
def test_the_seal_room_refuses_what_the_rules_refuse(exam: Exam) -> None:
    day = days.day(exam)
    here: dict[str, Any] = {"exam": exam, "site_code": SITE, "session": SESSION, "by": POINT_PAPERS}
    nobody = Seen(code(Kind.BAG, 9_999_999), "S")
    before = places(exam)
    assert why(lambda: days.withdrawn(day, seen=[])) == {"withdrawal_nothing"}
    assert why(lambda: days.withdrawn(day, seen=[*days.seen(days.bags(exam)), nobody])) == {
        "withdrawal_unknown"
    }
    assert places(exam) == before
    assert days.withdrawn(day).is_whole
    drawn = days.drawn_at(exam)
    # the papers are here already: a second withdrawal, with a key of its own, finds nothing in the store
    second: dict[str, Any] = {"seen": days.seen(days.bags(exam)), "head": day.head, "escort": day.escort()}
    assert "withdrawal_not_stored" in why(
        lambda: half_day.withdraw(**here, **second, key=key("second"), at=drawn)
    )  # fmt: skip
    assert why(
        lambda: seal_room.check_seals(**here, seen=[nobody], key=key("strange"), at=drawn)
    ) == {"seal_scan_unknown"}  # fmt: skip
    days.checked(day)
    for room in (1, 2, 3):
        days.issued(day, room)
    once_more: dict[str, Any] = {"rooms": [seal_room.RoomIssue(1, *day.pair(1))], "codes": {}, "form": False}
    assert why(lambda: seal_room.issue(**here, **once_more, key=key("once more"), at=drawn)) == {
        "issue_done_already"
    }
    days.opened(day, 1, 2, 3)
    ends = days.ends(exam) + timedelta(minutes=10)
    n = days.room_copies_of(exam, 1)
    right = counting.RoomCount(1, Counted(n, 0), Counted(n, 0), n, 0, "PS1", "CS1")

    def count(room: counting.RoomCount, counter: int) -> set[str]:
        return why(
            lambda: counting.take_back(**here, key=key("c"), rooms=[room], counter=counter, codes={}, at=ends)
        )

    assert count(replace(right, card_seal="PS1"), day.staff[0]) == {"count_seal_twice"}
    assert count(replace(right, card_seal=" "), day.staff[0]) == {"count_no_seal"}
    assert count(right, day.pair(2)[0]) == {"count_no_point_staff"}
    days.counted(day, 1, Counted(n - 1, 0, missing=1), Counted(n, 0), present=n, absent=0)
    with acting(POINT_PAPERS):
        (row,) = JointCount.objects.all()
    leader = staff("point_leader", "1301")
    for by, text, said in (
        (REGION_PAPERS, " ", "count_unexplained"),
        (leader, "清点有误", "count_explained_above"),
    ):
        with acting(by), pytest.raises(RuleRefused, match=said):
            counting.explain(exam=exam, joint_count_id=row.pk, text=text, by=by, at=ends)
    two = days.room_copies_of(exam, 2)
    for seal in (
        "PS1",
        *(h.seal for h in days.bags(exam, 2)[:1]),
    ):  # one of today's, and one that is on another bag
        used = counting.RoomCount(2, Counted(two, 0), Counted(two, 0), two, 0, seal, "CS2")
        assert count(used, day.staff[0]) == {"custody_seal_used"}
    assert why(
        lambda: half_day.bring_back(**here, key=key("b"), store=STORE, escort=day.escort(staff=day.staff[:1]), at=ends)
    ) == {"back_rooms_missing", "seal_room_few_staff"}  # fmt: skip
    with acting(POINT_PAPERS):
        assert not Finding.objects.exists()


def test_what_a_telephone_says_again_is_answered_as_before_and_done_once(exam: Exam, seats: str) -> None:
    """The answer was lost on the way: each act of the day with its key once more, its codes used up."""
    day = days.day(exam)
    n = {room: days.room_copies_of(exam, room) for room in (1, 2, 3)}
    seen = days.seen(days.bags(exam))

    def counted(room: int) -> bool:
        there = Counted(n[room] - (room == 1), 0, defective=int(room == 1))
        return days.counted(day, room, there, Counted(n[room], 0), present=n[room], absent=0).is_whole

    def sealed() -> int:
        with acting(POINT_PAPERS):
            opened = Container.objects.get(exam=exam, session=SESSION, kind=Kind.SPARE_BAG, category=category)
            return spares.seal_spares(
                exam=exam, key=key("sealed"), site_code=SITE, session=SESSION, seals={opened.pk: "N1"}, by=POINT_PAPERS,
                at=days.ends(exam) + timedelta(minutes=20),
            )  # fmt: skip

    with acting(POINT_PAPERS):
        category = Container.objects.get(exam=exam, room=1, session=SESSION, kind=Kind.BAG).category
    acts: list[Callable[[], object]] = [
        lambda: days.withdrawn(day, seen=seen).is_whole,
        lambda: days.checked(day) == 0,
        *(lambda room=room: days.issued(day, room).is_whole for room in n),
        lambda: bool(used(day, seats)),
        *(lambda room=room: counted(room) for room in n),
        lambda: sealed() == 1,
        lambda: not back(day),  # type: ignore[func-returns-value]
    ]
    for place, act in enumerate(acts):
        if place == 5:
            days.opened(day, 1, 2, 3)
        assert act()
        stands = places(exam)
        with acting(POINT_PAPERS):
            steps = Step.objects.count()
        assert act()
        with acting(POINT_PAPERS):
            assert (places(exam), Step.objects.count()) == (stands, steps)


@pytest.mark.rule("V16.2.1")
def test_an_order_of_destruction_refuses_what_the_rules_refuse(exam: Exam) -> None:
    days.day(exam)
    over = exams.sessions(exam)[-1].ends_at
    with acting(POINT_PAPERS):
        bags = list(Container.objects.filter(exam=exam, kind=Kind.BAG).values_list("pk", flat=True))
    how: dict[str, Any] = {"exam": exam, "point_code": "1301", "by": POINT_PAPERS}

    def ordered(**facts: Any) -> set[str]:
        given = {"container_ids": bags, "place": "造纸厂", "method": "化浆", "at": over} | facts
        return why(lambda: ending.order(**how, **given))

    assert ordered(place="", method=" ") >= {"destruction_no_place", "destruction_no_method"}
    assert ordered(container_ids=[]) == {"destruction_nothing"}
    assert ordered(at=over - timedelta(hours=1)) >= {"destruction_too_early"}
    assert ordered() == {"destruction_uncounted"}
    with acting(POINT_PAPERS):
        assert not Destruction.objects.exists()


@pytest.mark.rule("V12.2.2", "V12.2.3", "V12.2.4", "V12.3", "P7.2")
def test_stores_refuse_what_the_rules_refuse(exam: Exam) -> None:
    common: dict[str, Any] = {"exam": exam, "by": POINT_PAPERS, "at": AT}
    assert why(
        lambda: stores.enter_stores(**common, stores=[("1301", NewStore(" ", ""))])
    ) == {"stores_no_name", "stores_no_address"}  # fmt: skip
    row, people = keeping.ready(exam)
    new = stores.NewAcceptance(row.pk, " ", (AT + timedelta(days=1)).date())
    assert why(lambda: stores.accept_stores(**common, accepted=[new], scan=stamped())) == {
        "stores_no_authority", "stores_accepted_later",
    }  # fmt: skip
    dark = [Look(row.pk, "store_door", False, " ")]
    assert why(lambda: stores.check_stores(**common, looks=dark, photos=[])) == {"stores_check_note"}
    with acting(POINT_PAPERS):
        remote = replace(NewStore(row.name, row.address), remote=True)
        stores.change_store(**common, store_id=row.pk, new=remote, expected=1)
    assert why(
        lambda: store_leave.ask_leave(**common, store_id=row.pk, from_on=CAME.date(), reason=" ")
    ) == {"stores_leave_needless", "stores_leave_reason"}  # fmt: skip
    moves = (
        (KeyMove(row.pk, "door_a", "1", "issued", people.paper_keeper), {"stores_key_out"}),
        (KeyMove(row.pk, "door_a", "1", "lost"), {"stores_key_note"}),
        (KeyMove(row.pk, "door_a", "1", "handed_over"), {"stores_key_nobody"}),
    )
    with acting(POINT_PAPERS):
        before = KeyStep.objects.count()
    for move, codes in moves:
        assert why(partial(keys.move_keys, **common, moves=[move])) == codes
    with acting(POINT_PAPERS):
        assert KeyStep.objects.count() == before
        first, second = keeping.codes(people.paper_keeper), keeping.codes(people.paper_receiver)
        door = {people.paper_keeper: first[0], people.paper_receiver: second[0]}
        (entry,) = entries.enter(
            exam=exam, key=key("in"), store_id=row.pk, person_ids=[people.point_confidential_officer], purpose="receive",
            codes=door, by=POINT_PAPERS, at=CAME,
        )  # fmt: skip
        assert Entry.objects.get().admitted
    assert why(
        lambda: entries.come_out(
            exam=exam, store_id=row.pk, entry_ids=[entry.pk], by=POINT_PAPERS, at=CAME - timedelta(minutes=1)
        )
    ) == {"stores_out_before_in"}  # fmt: skip
    watched(exam, row)


def watched(exam: Exam, row: Store) -> None:
    def enter(means: str, what: str) -> int:
        new = [NewSpan(row.place, means, what, CAME, CAME + timedelta(hours=1))]
        return int(
            watch.enter_watch(exam=exam, key=key(f"watch {new}"), spans=new, by=POINT_PAPERS, at=CAME)[0].pk
        )

    assert why(lambda: enter("video", " ")) == {"watch_what"}
    with acting(POINT_PAPERS):
        by_eye = enter("persons", "保安")
    seen: dict[str, Any] = {"from_at": CAME, "to_at": CAME + timedelta(hours=1), "seen": " "}
    assert why(
        lambda: watch.review_watch(
            exam=exam, span_id=by_eye, **seen, by=POINT_PAPERS, at=CAME + timedelta(hours=2)
        )
    ) == {"watch_review_video", "watch_review_seen"}  # fmt: skip
