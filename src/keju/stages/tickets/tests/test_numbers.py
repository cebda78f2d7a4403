"""Numbers: unique, gapless, room by room, all or nothing, never changed after opening."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.columns import Columns
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam, Milestone
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused, load_programme
from keju.stages.seating import queries as seating
from keju.stages.tickets import queries, rules, services
from keju.stages.tickets.models import Generation, Ticket
from keju.stages.tickets.services import numbering
from keju.stages.tickets.tests.conftest import plan
from keju.stages.venues.tests.year import AT, SYSTEM, staff

REGION = staff("region_officer", "13")
LAYOUT = [(s.what, s.width) for s in load_programme("veterinarian").ticket.segments]


def generate(exam: Exam, region: str = "13") -> services.GenerationResult:
    by = staff("region_officer", region)
    with acting(by):
        return services.generate(exam=exam, region_code=region, by=by, at=AT)


@pytest.mark.rule("V7.2")
@given(st.dictionaries(st.integers(0, 99).map(lambda n: f"13{n:02d}"), st.integers(0, 400), max_size=5))
def test_numbers_have_ten_digits_and_no_gap_at_any_host(counts: dict[str, int]) -> None:
    numbers = rules.numbers_of(2011, sorted(counts.items()), LAYOUT, 9999)
    assert len(set(numbers)) == len(numbers) == sum(counts.values())
    assert numbers == sorted(numbers) and all(len(n) == 10 and n.startswith("1113") for n in numbers)
    for point, count in counts.items():
        mine = [int(n[6:]) for n in numbers if n[4:6] == point[2:]]
        assert mine == list(range(1, count + 1))


@pytest.mark.rule("V7.1", "V7.2")
def test_numbers_follow_host_site_room_and_seat(exam: Exam, eligible: dict[str, list[int]]) -> None:
    done = generate(exam)
    assert (done.count, done.hosts, done.changed) == (119, 2, True)
    with acting(REGION):
        seats = list(seating.seated(exam, "13"))
        tickets = list(queries.stream(viewer=REGION, exam=exam))
        assert [t.registration_id for t in tickets] == [s.registration_id for s in seats]
        assert sorted(t.registration_id for t in tickets) == sorted(eligible["13"])
        assert [t.number for t in tickets] == [
            *(f"111301{n:04d}" for n in range(1, 94)),
            *(f"111303{n:04d}" for n in range(1, 27)),
        ]
        assert [(t.room_id, t.seat, t.column, t.row) for t in tickets] == [
            (s.room_id, s.serial, s.column, s.row) for s in seats
        ]
        assert len({t.code for t in tickets}) == 119
        ranges = queries.rooms(viewer=REGION, exam=exam, site_code="1301-02")
        assert [(number, n, first[-4:], last[-4:]) for _, number, n, first, last in ranges] == [
            (1, 4, "0061", "0064"),
            (2, 25, "0065", "0089"),
            (3, 4, "0090", "0093"),
        ]


@pytest.mark.rule("V7.1")
def test_generating_closes_the_duty_and_the_last_region_starts_the_centres_term(exam: Exam) -> None:
    generate(exam)
    with acting(SYSTEM):
        assert Obligation.objects.get(rule="V7.1", owner_code="13").discharged_at == AT
        assert not Milestone.objects.filter(key="tickets_generated").exists()
    generate(exam, "11")
    with acting(SYSTEM):
        assert Milestone.objects.get(key="tickets_generated").office_path == "/"
        assert Obligation.objects.get(rule="V7.3", owner_code="centre").discharged_at is None
        assert Event.objects.filter(kind="tickets.region.generated").count() == 2


@pytest.mark.rule("V7.1")
def test_a_second_click_changes_nothing_and_a_new_plan_numbers_anew(exam: Exam) -> None:
    generate(exam)
    before = _numbers()
    assert not generate(exam).changed
    assert _numbers() == before
    plan(exam, "13")
    assert generate(exam).changed
    after = _numbers()
    assert after != before
    assert set(after) == set(before) and sorted(after.values()) == sorted(before.values())
    with acting(SYSTEM):
        assert Generation.objects.get(region_code="13").round == 2


def _numbers() -> dict[int, str]:
    with acting(SYSTEM):
        return dict(Ticket.objects.order_by("number").values_list("registration_id", "number"))


@pytest.mark.rule("V7.1")
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_killed_in_the_middle_the_old_numbers_stand(exam: Exam, after: int) -> None:
    """Before anything was sent, after the header, after the rows, after their end."""
    generate(exam)
    before = _numbers()
    plan(exam, "13")
    real = Columns.copied

    def killed(columns: Columns) -> Iterator[bytes]:
        yield from list(real(columns))[:after]
        raise KeyboardInterrupt

    with patch.object(Columns, "copied", killed), pytest.raises(KeyboardInterrupt):
        generate(exam)
    assert _numbers() == before
    assert generate(exam).changed


@pytest.mark.rule("V7.2")
def test_the_ten_thousandth_is_refused_before_anything_is_numbered(exam: Exam) -> None:
    assert list(rules.check_serials({"1301": 9999}, 9999)) == []
    (refusal,) = rules.check_serials({"1301": 10_000, "1303": 4}, 9999)
    assert dict(refusal.facts) == {"point": "1301", "count": 10_000, "limit": 9999}
    assert "1301" in str(refusal.words(load_programme("veterinarian")))
    with patch.object(numbering.exams, "params", lambda *_: numbering.Params(5, 5, 92)):
        with pytest.raises(RuleRefused) as refused:
            generate(exam)
    assert [r.facts["point"] for r in refused.value.refusals] == ["1301"]
    assert _numbers() == {}


@pytest.mark.rule("V7.1")
def test_who_has_no_seat_or_sits_elsewhere_is_not_numbered(
    exam: Exam, eligible: dict[str, list[int]]
) -> None:
    gone = eligible["13"].pop()
    with pytest.raises(RuleRefused) as refused:
        generate(exam)
    assert [(r.code, dict(r.facts)) for r in refused.value.refusals] == [
        ("tickets_plan_stale", {"missing": 0, "stray": 1})
    ]
    eligible["13"].append(gone)
    assert generate(exam).count == 119


@pytest.mark.rule("V7.2")
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"number": "1113010001"}, "tickets_number_once"),
        ({"number": "12345"}, "tickets_ten_digits"),
    ],
)
def test_the_database_holds_numbers_apart(exam: Exam, changes: dict[str, str], constraint: str) -> None:
    generate(exam)
    with pytest.raises(IntegrityError, match=constraint), acting(SYSTEM):
        Ticket.objects.filter(number="1113010002").update(**changes)


@pytest.mark.rule("V7.2")
@pytest.mark.parametrize("changes", ["seat = 99", "plan_id = 0", "registration_id = 0"])
def test_a_new_ticket_is_its_holder_s_seat(exam: Exam, changes: str) -> None:
    generate(exam)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE other ON COMMIT DROP AS SELECT * FROM tickets_ticket WHERE number = '1113010002'"
        )
        cursor.execute("DELETE FROM tickets_ticket WHERE number = '1113010002'")
        cursor.execute(f"UPDATE other SET {changes}")
        with pytest.raises(IntegrityError, match="not the current seat"), transaction.atomic():
            cursor.execute("INSERT INTO tickets_ticket OVERRIDING SYSTEM VALUE SELECT * FROM other")
        cursor.execute("DROP TABLE other")


def test_a_ticket_is_seen_by_its_sites_offices_and_its_candidate(exam: Exam) -> None:
    generate(exam)
    with acting(SYSTEM):
        ticket = Ticket.objects.order_by("number").first()
    for path, count in (("/", 119), ("/13/", 119), ("/13/1301/", 93), ("/13/1302/", 0), ("/11/", 0)):
        with acting(Actor("person:1", "", "x", office_path=path)):
            assert Ticket.objects.count() == count
    own = Actor("candidate:1", "", "candidate", candidate_id=ticket.candidate_id)
    with acting(own):
        assert [t.number for t in Ticket.objects.all()] == [ticket.number]
        # Before opening there is nothing to see, though the row is theirs.
        assert queries.ticket_of(viewer=own, exam=exam, registration_id=ticket.registration_id) is None


def test_only_the_region_generates(exam: Exam) -> None:
    for by in (staff("point_manager", "1301"), staff("region_officer", "11"), staff("centre_exam", "centre")):
        with acting(by), pytest.raises(NotPermitted):
            services.generate(exam=exam, region_code="13", by=by, at=AT)


def test_lists_and_kept_rooms_agree_with_the_tickets_for_every_office(exam: Exam) -> None:
    generate(exam)
    point = staff("point_manager", "1303")
    for viewer, tickets in ((SYSTEM, 119), (REGION, 119), (point, 26), (staff("region_officer", "11"), 0)):
        with acting(viewer):
            found = list(queries.stream(viewer=viewer, exam=exam))
            rooms = queries.rooms_in_use(viewer=viewer, exam=exam)
            assert len(found) == tickets == sum(r.tickets for r in rooms)
            assert {(t.site_code, t.room_id, t.room_number) for t in found} == {
                (r.site_code, r.room_id, r.room_number) for r in rooms
            }
            assert queries.in_use(viewer=viewer, exam=exam) == queries.InUse(len(rooms), tickets)
            sites = queries.sites_in_use(viewer=viewer, exam=exam)
            assert sites == sorted({t.site_code for t in found})
            numbers = {code: sorted(t.number for t in found if t.site_code == code) for code in sites}
            assert queries.site_rows(exam, viewer=viewer) == [
                (code, len({t.room_id for t in found if t.site_code == code}), len(mine), mine[0], mine[-1])
                for code, mine in numbers.items()
            ]


def test_rooms_are_paged_and_found_by_the_beginning_of_their_site(exam: Exam) -> None:
    generate(exam)
    with acting(REGION):
        every = queries.rooms_in_use(viewer=REGION, exam=exam)
        paged = [
            queries.rooms_page(viewer=REGION, exam=exam, site="", start=n, size=1) for n in range(len(every))
        ]
        assert paged == [([room], len(every)) for room in every]
        for site in (
            "1",
            "13",
            "130",
            "1301",
            "1301-",
            "1301-0",
            "1301-02",
            "1303",
            "2",
            "x-",
            "-",
            "1301-02-",
        ):
            wanted = [room for room in every if room.site_code.startswith(site)]
            found = queries.rooms_page(viewer=REGION, exam=exam, site=site, start=0, size=50)
            assert found == (wanted, len(wanted)), site
