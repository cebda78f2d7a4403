"""Plans through the database: a bijection, the S, recomputable, frozen for good."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

import psycopg
import pytest
from django.db import connection
from django.db.utils import IntegrityError, InternalError

from keju.algorithms.columns import Columns
from keju.algorithms.draw import permutation
from keju.algorithms.seating import s_order
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.review import queries as review
from keju.stages.seating import queries, rules, services
from keju.stages.seating.models import Plan, Seat
from keju.stages.seating.queries import drafts
from keju.stages.seating.rules import Place
from keju.stages.venues.tests.year import (
    AT,
    SYSTEM,
    confirmed,
    decide,
    make_exam,
    make_site,
    per_point,
    report,
    staff,
)

REGION = staff("region_officer", "13")
COUNTS = {("1301", "general"): 64, ("1302", "general"): 3, ("1302", "aquatic"): 29, ("1303", "general"): 26}


@pytest.fixture
def eligible(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Who passed both reviews, as the review will say; a test fills it."""
    found: list[int] = []
    monkeypatch.setattr(review, "eligible_ids", lambda **_: found)
    monkeypatch.setattr(review, "eligible_counts", lambda *, viewer, exam: per_point(exam, found))
    return found


@pytest.fixture
def exam(db: None, eligible: list[int]) -> Exam:
    """1301 receives 1302's candidates at two sites of standards 30 and 25; 1303 hosts alone."""
    made = make_exam("1301", "1302", "1303")
    eligible += confirmed(made, COUNTS)
    decide(made, "13", {"1301": "1301", "1302": "1301", "1303": "1303"})
    two = [
        make_site(made, "1301", rooms=2, columns=7, rows=5, report=False),
        make_site(made, "1301", rooms=3, standard=25, columns=4, rows=7, report=False),
    ]
    report(made, *two)
    make_site(made, "1303", rooms=1)
    return made


def plan(exam: Exam, **more: object) -> services.PlanResult:
    with acting(REGION):
        return services.make_plans(exam=exam, region_code="13", by=REGION, at=AT, **more)  # type: ignore[arg-type]


@pytest.mark.rule("V14.7.1", "V14.7.3")
def test_everybody_has_one_seat_rooms_are_full_categories_apart_the_s_runs(
    exam: Exam, eligible: list[int]
) -> None:
    done = plan(exam)
    assert (done.plans, done.seats, done.version) == (3, len(eligible), 1)
    with acting(REGION):
        assert sorted(s.registration_id for s in queries.seated(exam, "13")) == sorted(eligible)
        by_room: dict[int, list[Place]] = defaultdict(list)
        sizes = []
        for p in queries.plans(exam, viewer=REGION):
            rooms = queries.room_loads(p)
            sizes.append([(r.category, r.count) for r in rooms])
            for room in rooms:
                by_room[room.room_id] = queries.seats(p, room.room_id)
                seats = [(s.serial, s.column, s.row) for s in by_room[room.room_id]]
                assert seats == [tuple(s) for s in s_order(room.columns, room.rows, room.count)]
    assert sizes == [
        [("general", 30), ("general", 30)],
        [("general", 7), ("aquatic", 25), ("aquatic", 4)],
        [("general", 26)],
    ]
    for places in by_room.values():
        assert len({p.category for p in places}) == 1
        for one, next_ in pairwise(places):
            assert abs(one.column - next_.column) + abs(one.row - next_.row) == 1 or next_.row > one.row


@pytest.mark.rule("V14.7.3")
def test_the_order_follows_from_the_stored_seed(exam: Exam, eligible: list[int]) -> None:
    plan(exam)
    with acting(REGION):
        alone = queries.plan(exam, "1303-01", viewer=REGION)
        places = queries.seats(alone)
        mine = sorted(p.registration_id for p in places)
        assert [p.registration_id for p in places] == permutation(bytes.fromhex(alone.seed), mine) != mine
        assert alone.hash == rules.frozen_hash(places)
        other = [Place(**{**_fields(p), "row": p.row + 1}) for p in places]
        assert alone.hash != rules.frozen_hash(other)


def _fields(place: Place) -> dict[str, object]:
    return {name: getattr(place, name) for name in Place.__slots__}


def test_the_order_of_registering_says_nothing_about_the_seat(exam: Exam) -> None:
    plan(exam)
    with acting(REGION):
        points = Counter(
            "13" + ("02" if s.registration_id % 2 else "01")
            for s in queries.seated(exam, "13")
            if s.site_code == "1301-01"
        )
    assert min(points.values()) > 10


@pytest.mark.rule("V14.7.1")
def test_a_new_version_supersedes_and_nobody_has_two_seats(exam: Exam, eligible: list[int]) -> None:
    plan(exam)
    assert plan(exam, expected_version=1).version == 2
    with pytest.raises(Stale):
        plan(exam, expected_version=1)
    with acting(REGION):
        assert Plan.objects.filter(superseded_at=None).count() == 3
        assert Plan.objects.exclude(superseded_at=None).count() == 3
        assert Seat.objects.filter(current=True).count() == len(eligible)
        assert Seat.objects.count() == 2 * len(eligible)
        assert Event.objects.filter(kind="seating.plans.frozen").count() == 2


@pytest.mark.rule("V14.7.1", "V6.3", "V5.4", "V6.1")
def test_what_is_not_ready_is_refused_and_nothing_written(exam: Exam, eligible: list[int]) -> None:
    kept = list(eligible)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE venues_site SET reported_at = NULL WHERE code = '1303-01'")
    assert _refused(exam) == ["seating_not_reported"]
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE venues_site SET reported_at = now()")
        cursor.execute("UPDATE venues_room SET kind = 'spare' WHERE number = 1")
    assert _refused(exam) == ["seating_too_few_rooms", "seating_too_few_rooms"]
    eligible.clear()
    assert _refused(exam) == ["seating_not_reviewed"]
    eligible += kept
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE venues_assignment SET current = false WHERE point_code = '1302'")
    assert _refused(exam) == ["seating_no_host"]
    with acting(SYSTEM):
        assert not Plan.objects.exists() and not Seat.objects.exists()


def _refused(exam: Exam) -> list[str]:
    with pytest.raises(RuleRefused) as refused:
        plan(exam)
    return [r.code for r in refused.value.refusals]


@pytest.mark.rule("V7.2")
def test_the_ten_thousandth_is_refused_naming_the_point_before_anybody_is_seated(exam: Exam) -> None:
    with patch.object(drafts.rules, "too_many", wraps=rules.too_many) as named:
        programme = drafts.exams.programme(exam)
        small = type(programme.ticket)(programme.ticket.segments, 95)
        with patch.object(drafts.exams, "programme", lambda _: _With(programme, small)):
            with pytest.raises(RuleRefused) as refused:
                plan(exam)
    assert named.call_args.args == ("1301", 96, 95)
    assert [r.facts["point"] for r in refused.value.refusals] == ["1301"]
    with acting(SYSTEM):
        assert not Plan.objects.exists()


class _With:
    """A programme with another ticket layout."""

    def __init__(self, programme: object, ticket: object) -> None:
        self.categories = programme.categories  # type: ignore[attr-defined]
        self.ticket = ticket


@pytest.mark.rule("V7.1")
def test_nobody_is_seated_anew_once_tickets_are_opened(exam: Exam) -> None:
    plan(exam)
    with acting(SYSTEM):
        duties.reach(exam=exam, key="tickets_opened", when=AT, by=SYSTEM, at=AT)  # another region's opening
    plan(exam)
    with acting(SYSTEM):
        duties.reach(exam=exam, key="tickets_opened", when=AT, offices=["13"], by=SYSTEM, at=AT)
    assert _refused(exam) == ["seating_tickets_opened"]


def test_a_plan_that_fails_halfway_leaves_the_old_one(exam: Exam) -> None:
    plan(exam)
    with acting(REGION):
        before = [(p.pk, p.hash) for p in queries.plans(exam, viewer=REGION)]
    real = Columns.copied

    def killed(columns: Columns) -> Iterator[bytes]:
        """The header and the rows arrive, the end does not."""
        yield from list(real(columns))[:2]
        raise KeyboardInterrupt

    with patch.object(Columns, "copied", killed), pytest.raises(KeyboardInterrupt):
        plan(exam)
    with acting(REGION):
        assert [(p.pk, p.hash) for p in queries.plans(exam, viewer=REGION)] == before
        assert Seat.objects.filter(current=True).count() == sum(COUNTS.values())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seating_plan SET seed = 'x'",
        "UPDATE seating_plan SET hash = 'x'",
        "UPDATE seating_plan SET frozen_at = NULL",
        "UPDATE seating_seat SET serial = serial + 100",
        "UPDATE seating_seat SET category = 'x'",
        "UPDATE seating_seat SET id = id + 100000",
        "DELETE FROM seating_seat",
        "DELETE FROM seating_plan",
        'INSERT INTO seating_seat (plan_id, registration_id, office_path, room_id, serial, "column", "row", category,'
        " current) SELECT plan_id, registration_id, office_path, room_id, 99, 99, 99, category, false FROM seating_seat LIMIT 1",
    ],
)
def test_a_frozen_plan_does_not_change(exam: Exam, statement: str) -> None:
    plan(exam)
    with pytest.raises((IntegrityError, InternalError, psycopg.Error, Exception)) as refused:
        with acting(SYSTEM), connection.cursor() as cursor:
            cursor.execute(statement)
    assert "keju:" in str(refused.value) or "permission denied" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("registration_id, 900, 900, 900, true", "seating_one_seat_each"),
        ("(SELECT min(id) FROM registration_registration), serial, 900, 900, false", "seating_serial_once"),
        ('registration_id, 900, "column", "row", false', "seating_place_once"),
    ],
)
def test_no_seat_and_nobody_twice(exam: Exam, changes: str, constraint: str) -> None:
    """Even before freezing, by the database itself: the plan is opened by its owner for this proof only."""
    plan(exam)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO seating_plan (exam_id, site_id, office_path, version, standard, seed, count, hash, made_by,"
            " superseded_at) SELECT exam_id, site_id, office_path, 99, standard, seed, count, hash, made_by, now()"
            " FROM seating_plan LIMIT 1 RETURNING id"
        )
        (fresh,) = cursor.fetchone()
        put = (
            'INSERT INTO seating_seat (plan_id, registration_id, serial, "column", "row", current, office_path, room_id,'
            " category) SELECT {plan}, {values}, office_path, room_id, category FROM seating_seat"
            " WHERE plan_id <> {plan} ORDER BY id LIMIT 1"
        )
        cursor.execute(put.format(plan=fresh, values='registration_id, serial, "column", "row", false'))
    with pytest.raises(IntegrityError, match=constraint), acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(put.format(plan=fresh, values=changes))


@pytest.mark.parametrize(
    ("registration", "room"),
    [
        ("0", "s.room_id"),
        ("s.registration_id", "(SELECT max(id) FROM venues_room)"),
        ("s.registration_id", "0"),
    ],
)
def test_a_seat_is_somebody_s_and_in_a_room_of_its_site(exam: Exam, registration: str, room: str) -> None:
    plan(exam)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE seating_plan SET superseded_at = now()")
        cursor.execute("UPDATE seating_seat SET current = false")
        cursor.execute(
            "INSERT INTO seating_plan (exam_id, site_id, office_path, version, standard, seed, count, hash, made_by)"
            " SELECT exam_id, site_id, office_path, 99, standard, seed, count, hash, made_by"
            " FROM seating_plan ORDER BY id LIMIT 1 RETURNING id"
        )
        (fresh,) = cursor.fetchone()
    with (
        pytest.raises(IntegrityError, match="a seat without its plan"),
        acting(SYSTEM),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            'INSERT INTO seating_seat (plan_id, registration_id, serial, "column", "row", current, office_path, room_id,'
            f" category) SELECT {fresh}, {registration}, 1, 1, 1, true, s.office_path, {room}, s.category"
            " FROM seating_seat s ORDER BY id LIMIT 1"
        )


def test_a_room_with_somebody_in_it_is_not_deleted(exam: Exam) -> None:
    plan(exam)
    with (
        pytest.raises(IntegrityError, match="somebody has a seat"),
        acting(SYSTEM),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM venues_room WHERE id = (SELECT min(room_id) FROM seating_seat)")


@pytest.mark.parametrize(
    ("path", "count"),
    [("/", 122), ("/13/", 122), ("/13/1301/", 96), ("/13/1301/02/", 36), ("/13/1302/", 0), ("/11/", 0)],
)
def test_an_office_sees_the_seats_at_its_own_sites(exam: Exam, path: str, count: int) -> None:
    plan(exam)
    with acting(Actor("person:1", "", "x", office_path=path)):
        assert Seat.objects.count() == count


def test_only_the_region_plans(exam: Exam) -> None:
    for by in (staff("point_manager", "1301"), staff("region_officer", "11")):
        with acting(by), pytest.raises(NotPermitted):
            services.make_plans(exam=exam, region_code="13", by=by, at=AT + timedelta(days=1))


@pytest.mark.rule("V14.7.1", "V14.7.3")
def test_needs_and_colleagues_are_planned_for_reported_and_recomputed(
    exam: Exam, eligible: list[int]
) -> None:
    """1303: 26 of three employers in one room, one of whom needs the door and one a room of their own."""
    here = eligible[-26:]
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registration_registration SET employer = (ARRAY['甲站', '甲 站', '乙站', '（丙）站'])[1 + id %% 4]"
            " WHERE id = ANY(%s)",
            [here],
        )
    need(here[3], "near_door")
    need(here[5], "separate_room")
    assert _refused(exam) == ["seating_need_separate_room"]
    with acting(SYSTEM):
        assert not Plan.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE venues_room SET kind = 'separate', columns = 2, rows = 2 WHERE kind = 'rest'"
            )
    done = plan(exam)
    with acting(REGION):
        row = queries.plan(exam, "1303-01", viewer=REGION)
        seats = {p.registration_id: p for p in queries.seats(row)}
        assert row.facts["needs"] == {"near_door": 1, "separate_room": 1}
        assert (row.pairs, row.pairs_least) == (0, 0) and done.pairs == done.least > 0
        assert (seats[here[3]].column, seats[here[3]].row) == (5, 1), "the door is at the right in front"
        alone = seats[here[5]]
        assert [p for p in seats.values() if p.room_id == alone.room_id] == [alone]
        again = queries.recompute(exam, row)
        assert (again.equal, again.same_inputs, again.seats) == (True, True, 26)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registration_registration SET employer = '丁站' WHERE id = ANY(%s)", [here[:20]]
        )
    with acting(REGION):
        later = queries.recompute(exam, row)
        assert not later.equal and not later.same_inputs


def need(registration_id: int, kind: str) -> None:
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registration_need (registration_id, candidate_id, office_path, kind, state, note, reason,"
            " asked_at, decided_by, decided_at) SELECT id, candidate_id, office_path, %s, 'granted', '', '', now(), 'x',"
            " now() FROM registration_registration WHERE id = %s",
            [kind, registration_id],
        )
