"""Changes of a frozen plan: exactly the people named, a new version, the former as it was."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.db.utils import DatabaseError, IntegrityError

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.seating import queries, services
from keju.stages.seating.models import Change, Plan
from keju.stages.seating.rules import Move, Place
from keju.stages.seating.services import changing
from keju.stages.seating.tests.test_plans import REGION, plan
from keju.stages.seating.tests.test_plans import eligible as eligible  # noqa: PLC0414
from keju.stages.seating.tests.test_plans import exam as exam  # noqa: PLC0414
from keju.stages.venues.models import Room
from keju.stages.venues.tests.year import AT, SYSTEM, confirmed, staff


@pytest.fixture
def planned(exam: Exam) -> Exam:
    plan(exam)
    return exam


def seats(exam: Exam) -> dict[int, tuple[str, Place]]:
    """Registration → site and place in the plans in force."""
    with acting(REGION):
        return {
            p.registration_id: (one.site.code, p)
            for one in queries.plans(exam, viewer=REGION)
            for p in queries.seats(one)
        }


def change(exam: Exam, *moves: Move, **more: object) -> services.ChangeResult:
    with acting(REGION):
        return services.change(
            **{
                "exam": exam,
                "region_code": "13",
                "moves": moves,
                "reason": "视力不好",
                "by": REGION,
                "at": AT,
                **more,
            }  # type: ignore[arg-type]
        )


def swap(one: Place, other: Place) -> list[Move]:
    return [
        Move(one.registration_id, (other.room_id, other.serial)),
        Move(other.registration_id, (one.room_id, one.serial)),
    ]


def refused(exam: Exam, *moves: Move) -> list[str]:
    with pytest.raises(RuleRefused) as error:
        change(exam, *moves)
    return [r.code for r in error.value.refusals]


def at_site(exam: Exam, code: str, category: str = "general") -> list[Place]:
    found = [p for site, p in seats(exam).values() if site == code and p.category == category]
    return sorted(found, key=lambda p: (p.room_number, p.serial))


@pytest.mark.rule("V7.1", "V14.7.3")
def test_two_exchange_seats_and_nobody_else_moves(planned: Exam) -> None:
    before = seats(planned)
    one, other = at_site(planned, "1301-01")[3], at_site(planned, "1301-01")[40]
    done = change(planned, *swap(one, other), expected={"1301-01": 1})
    after = seats(planned)
    assert [c.site_code for c in done.sites] == ["1301-01"]
    assert {pk for pk in before if before[pk] != after[pk]} == {one.registration_id, other.registration_id}
    assert after[one.registration_id][1].serial == other.serial
    with acting(REGION):
        new, old = (queries.version(planned, "1301-01", n, viewer=REGION) for n in (2, 1))
        assert (old.superseded_at, new.superseded_at) == (AT, None)
        assert queries.recomputed(new) == new.hash != old.hash == queries.recomputed(old)
        assert set(queries.compare(old, new).diff.moved) == {one.registration_id, other.registration_id}
        assert queries.changed_rooms(planned, "1301-01", old.pk, viewer=REGION) == {1, 2}
        row = Change.objects.get()
        assert (row.plan_id, row.former_id, row.moved, row.reason) == (new.pk, old.pk, 2, "视力不好")
        event = Event.objects.get(kind="seating.plans.changed")
        assert event.data["seats"] == [
            [one.registration_id, "1301-01/1/4", "1301-01/2/11"],
            [other.registration_id, "1301-01/2/11", "1301-01/1/4"],
        ]


@pytest.mark.rule("V14.7.1", "V14.7.3")
def test_any_change_names_exactly_whom_it_moves(planned: Exam) -> None:
    """Random acts, several sites at once: the difference of the plans is the people named, everybody has one seat."""
    drawn = random.Random(7)
    for _ in range(6):
        before = seats(planned)
        moves: list[Move] = []
        for kind in drawn.sample(["pair", "pair", "spare", "free"], 2):
            left = [
                p
                for pk, (site, p) in before.items()
                if site[:4] == "1301" and pk not in {m.registration_id for m in moves}
            ]
            one = drawn.choice(left)
            if kind == "pair":
                other = drawn.choice([p for p in left if p.category == one.category and p != one])
                moves += swap(one, other)
            elif kind == "free":
                moves.append(Move(one.registration_id, (0, 0)))
            elif one.category == "aquatic":
                with acting(REGION):
                    spare = Room.objects.filter(site__code="1301-02", kind="spare").get()
                moves.append(Move(one.registration_id, (spare.pk, 0)))
        try:
            done = change(planned, *moves)
        except RuleRefused as error:
            assert {r.code for r in error.refusals} <= {"seating_change_nobody"}
            continue
        after = seats(planned)
        named = {m.registration_id for m in moves}
        assert (
            {pk for pk in before if before[pk] != after.get(pk)}
            == {pk for c in done.sites for pk in c.diff.people}
            <= named
        )
        assert len(after) == len(before) == len({(s, p.room_id, p.serial) for s, p in after.values()})
        with acting(REGION):
            for one_plan in queries.plans(planned, viewer=REGION):
                assert queries.recomputed(one_plan) == one_plan.hash
                for load in queries.room_loads(one_plan):
                    assert load.count <= one_plan.standard


@pytest.mark.rule("V14.7.1")
def test_who_comes_late_sits_behind_the_last_and_who_left_gives_the_seat_back(
    planned: Exam, eligible: list[int]
) -> None:
    gone = at_site(planned, "1303-01")[4]
    assert refused(planned, Move(gone.registration_id, None)) == ["seating_change_still_eligible"]
    eligible.remove(gone.registration_id)
    change(planned, Move(gone.registration_id, None))
    assert gone.registration_id not in seats(planned)
    assert refused(planned, Move(gone.registration_id, None)) == ["seating_change_not_seated"]
    late = confirmed(planned, {("1303", "general"): 3}, name="晚到", first=500)
    assert refused(planned, Move(late[0], (0, 0))) == ["seating_change_not_eligible"]
    eligible += late
    change(planned, *(Move(pk, (0, 0)) for pk in late))
    now = seats(planned)
    assert [now[pk][1].serial for pk in late] == [gone.serial, 27, 28]
    assert (now[late[0]][1].column, now[late[0]][1].row) == (gone.column, gone.row)
    with acting(REGION):
        counts = [(p.count, p.version) for p in queries.plans(planned, viewer=REGION)]
    assert counts[-1] == (28, 3)


@pytest.mark.rule("V14.7.1", "V6.1")
def test_a_seat_that_cannot_be_given_is_refused_and_nothing_is_written(planned: Exam) -> None:
    general, aquatic = at_site(planned, "1301-01"), at_site(planned, "1301-02", "aquatic")
    other_host = at_site(planned, "1303-01")[0]
    one = general[0].registration_id
    before = seats(planned)
    with acting(REGION):
        rest = Room.objects.filter(site__code="1301-01", kind="rest").get()
    for moves, code in (
        ([Move(one, (general[1].room_id, general[1].serial))], "seating_change_taken"),
        ([Move(one, (general[1].room_id, 31))], "seating_change_taken"),
        ([Move(one, (aquatic[0].room_id, 0))], "seating_change_category"),
        (swap(general[0], aquatic[0]), "seating_change_category"),
        ([Move(one, (other_host.room_id, 0))], "seating_change_other_host"),
        ([Move(one, (rest.pk, 0))], "seating_change_no_room"),
        ([Move(one, (10**9, 0))], "seating_change_no_room"),
        ([Move(10**9, (0, 0))], "seating_change_unknown"),
        ([Move(one, (0, 0)), Move(one, None)], "seating_change_unknown"),
        ([Move(one, (general[0].room_id, general[0].serial))], "seating_change_nobody"),
        ([], "seating_change_nobody"),
    ):
        assert refused(planned, *moves) == [code], moves
    assert seats(planned) == before
    with acting(REGION):
        assert not Change.objects.exists() and Plan.objects.count() == 3


@pytest.mark.rule("V14.7.1")
def test_what_was_granted_goes_with_the_person(planned: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other, third = (at_site(planned, "1301-01")[n] for n in (3, 40, 41))
    granted = {one.registration_id: ["step_free"], third.registration_id: ["separate_room"]}
    monkeypatch.setattr(changing.registration, "granted_needs", lambda *_: granted)
    assert refused(planned, *swap(one, other)) == ["seating_change_steps"]
    assert refused(planned, Move(third.registration_id, (one.room_id, 0))) == ["seating_change_apart"]
    change(planned, *swap(other, third))  # within the room: it stays what it is
    with acting(SYSTEM):
        Room.objects.filter(pk=other.room_id).update(step_free=True)
    mate = at_site(planned, "1301-01")[50]
    change(planned, *swap(one, mate))
    assert seats(planned)[one.registration_id][1].room_id == mate.room_id


@pytest.mark.rule("V14.7.1")
def test_who_sits_alone_stays_alone_and_longer_time_stays_apart(
    planned: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third, slow = (at_site(planned, "1301-01")[n] for n in (3, 40, 41, 42))
    granted = {one.registration_id: ["separate_room"], slow.registration_id: ["extra_time"]}
    monkeypatch.setattr(changing.registration, "granted_needs", lambda *_: granted)
    with acting(SYSTEM):
        site = Room.objects.get(pk=one.room_id).site
        apart, more = (
            Room.objects.create(
                exam=planned, site=site, office_path=site.office_path, number=n, name=str(n), building="1", floor=1,
                kind="separate", columns=3, rows=3, gap_cm=90,
            )
            for n in (8, 9)
        )  # fmt: skip
    assert refused(planned, Move(other.registration_id, (apart.pk, 0))) == ["seating_change_kept"]
    change(planned, Move(one.registration_id, (apart.pk, 0)))
    for near in (other, slow):
        assert refused(planned, Move(near.registration_id, (apart.pk, 0))) == ["seating_change_alone"]
    change(planned, Move(slow.registration_id, (0, 0)))  # any room: the one that is kept for needs
    assert seats(planned)[slow.registration_id][1].room_id == more.pk
    assert refused(planned, Move(one.registration_id, (more.pk, 0))) == ["seating_change_apart"]
    assert refused(planned, Move(slow.registration_id, (third.room_id, 0))) == ["seating_change_longer"]


@pytest.mark.rule("V14.7.1")
def test_who_needs_the_door_is_not_moved_away_from_it(planned: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    room = [p for p in at_site(planned, "1301-01") if p.room_number == 1]
    near = max(room, key=lambda p: (p.column, -p.row))  # the door is at the front, to the right
    far = min(room, key=lambda p: (p.column, -p.row))
    granted = {near.registration_id: ["near_door"], far.registration_id: ["near_door"]}
    monkeypatch.setattr(changing.registration, "granted_needs", lambda *_: granted)
    assert refused(planned, *swap(near, far)) == ["seating_change_door"]
    del granted[near.registration_id]
    change(planned, *swap(near, far))  # one comes nearer, the other has no need
    assert seats(planned)[far.registration_id][1].serial == near.serial


def test_a_reason_a_region_and_the_version_seen_are_needed(planned: Exam) -> None:
    moves = swap(*at_site(planned, "1303-01")[:2])
    with pytest.raises(ValidationError):
        change(planned, *moves, reason="  ")
    with pytest.raises(Stale):
        change(planned, *moves, expected={"1303-01": 7})
    for by in (staff("point_manager", "1303"), staff("region_officer", "11")):
        with acting(by), pytest.raises(NotPermitted):
            services.change(exam=planned, region_code="13", moves=moves, reason="x", by=by, at=AT)


@pytest.mark.rule("V14.7.3")
def test_seats_stand_once_the_exam_has_begun(planned: Exam) -> None:
    moves = swap(*at_site(planned, "1303-01")[:2])
    begins = min(s.starts_at for s in exams.sessions(planned))
    with pytest.raises(RuleRefused) as error:
        change(planned, *moves, at=begins)
    assert [r.code for r in error.value.refusals] == ["seating_exam_begun"]
    change(planned, *moves, at=begins - timedelta(minutes=1))


def test_a_worker_killed_in_the_middle_leaves_the_former_plan_in_force(planned: Exam) -> None:
    before, moves = seats(planned), swap(*at_site(planned, "1301-01")[:2])
    with (
        patch.object(changing, "insert_rows", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        change(planned, *moves)
    assert seats(planned) == before
    with acting(REGION):
        assert Plan.objects.filter(superseded_at=None).count() == 3
    # Without the one transaction of a write the site would be left with nobody on a seat.
    torn = changing.change.__wrapped__  # type: ignore[attr-defined]
    with (
        patch.object(changing, "insert_rows", side_effect=KeyboardInterrupt),
        acting(REGION),
        pytest.raises(KeyboardInterrupt),
    ):
        torn(exam=planned, region_code="13", moves=moves, reason="x", by=REGION, at=AT)
    assert len(seats(planned)) == len(before) - 2


def test_the_copy_is_three_statements_for_a_site_of_any_size(planned: Exam) -> None:
    """What is written does not grow with the site but by set operations."""
    said: list[str] = []

    def listen(execute: object, sql: str, params: object, many: bool, context: object) -> object:
        said.append(sql)
        return execute(sql, params, many, context)  # type: ignore[operator]

    with connection.execute_wrapper(listen):
        change(planned, *swap(*at_site(planned, "1301-01")[:2]))
    assert sum("seating_seat" in s and not s.lstrip().startswith(("SELECT", "WITH")) for s in said) == 3


def _race(exam: Exam) -> list[str]:
    """Two officers exchange the same two people at once: what became of each."""
    moves = swap(*at_site(exam, "1303-01")[:2])

    def act(_: int) -> str:
        try:
            change(exam, *moves, expected={"1303-01": 1})
            return "done"
        except (Stale, DatabaseError) as error:
            return type(error).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(act, range(2)))


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_the_second_is_told(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(exam)
    assert _race(exam) == ["Stale", "done"]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_runs_into_the_constraints(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is seated twice even so; but the second officer is shown an error instead of what the first one did."""
    plan(exam)
    real = changing._sites

    def together(*args: object) -> object:
        found = real(*args)  # type: ignore[arg-type]
        both.wait(timeout=30)
        return found

    both = threading.Barrier(2)
    monkeypatch.setattr(changing, "hold", lambda *_: None)
    monkeypatch.setattr(changing, "_sites", together)
    assert "done" in (ended := _race(exam)) and ended != ["Stale", "done"]
    with acting(REGION):
        assert Plan.objects.filter(site__code="1303-01", superseded_at=None).count() == 1
        assert Change.objects.count() == 1


def test_changes_are_kept(planned: Exam) -> None:
    change(planned, *swap(*at_site(planned, "1303-01")[:2]))
    for statement in ("UPDATE seating_change SET reason = 'x'", "DELETE FROM seating_change"):
        with pytest.raises(DatabaseError), acting(REGION), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(IntegrityError), acting(REGION):
        row = Change.objects.get()
        row.pk, row.reason = None, ""
        row.save(force_insert=True)
