"""Sites and rooms: who may enter them, which are refused, when a site may be reported."""

from dataclasses import replace

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam, Milestone
from keju.kernel.offices import Actor, acting
from keju.kernel.sheets import read_table
from keju.rulebook import RuleRefused
from keju.stages.venues import queries, rules, services
from keju.stages.venues.models import Room, Site
from keju.stages.venues.params import Params
from keju.stages.venues.rules import EXAM, MEDICAL, OFFICE, REST, SEAL, SEPARATE, SPARE, NewRoom, SiteSize
from keju.stages.venues.services.importing import COLUMNS
from keju.stages.venues.tests.year import (
    AT,
    SYSTEM,
    confirmed,
    decide,
    halls,
    look,
    make_exam,
    make_site,
    staff,
)

PARAMS = Params(300, 5, 20, 80, 20, 1, 50, 1, False, 10_000, 50_000, 100)
GOOD = NewRoom(1, "A", 1, 5, 6, 80)


@pytest.mark.rule("V14.5")
@pytest.mark.parametrize(
    ("room", "standard", "codes"),
    [
        (GOOD, 30, []),
        (replace(GOOD, gap_cm=79), 30, ["venues_room_gap"]),
        (replace(GOOD, rows=5), 30, ["venues_room_small"]),
        (replace(GOOD, rows=5), 25, []),
        (replace(GOOD, gap_cm=0, columns=1, rows=1), 25, ["venues_room_gap", "venues_room_small"]),
        (replace(GOOD, kind="cellar"), 30, ["venues_room_kind"]),
        (replace(GOOD, door="roof"), 30, ["venues_room_door"]),
        (replace(GOOD, kind=SEPARATE, columns=1, rows=1), 30, []),
        (replace(GOOD, kind=SEPARATE, columns=1, rows=0), 30, ["venues_room_no_desks"]),
        (replace(GOOD, kind=SEPARATE, gap_cm=79), 30, ["venues_room_gap"]),
        (NewRoom(1, "A", 1, kind=OFFICE), 30, []),
        (NewRoom(1, "A", 1, kind=MEDICAL), 30, []),
        (NewRoom(1, "A", 1, kind=REST), 30, []),
    ],
)
def test_a_room_keeps_the_gap_and_holds_its_standard(room: NewRoom, standard: int, codes: list[str]) -> None:
    assert [r.code for r in rules.check_room(room, standard, PARAMS)] == codes


@pytest.mark.rule("V14.2")
@pytest.mark.parametrize(
    ("kinds", "codes"),
    [
        ({EXAM: 20, SPARE: 1, REST: 1, SEAL: 1}, []),
        ({EXAM: 21, SPARE: 1, REST: 1, SEAL: 1}, ["venues_spare"]),
        ({EXAM: 21, SPARE: 2, REST: 1, SEAL: 1}, []),
        ({EXAM: 1}, ["venues_spare", "venues_rest", "venues_seal"]),
        ({SPARE: 1, REST: 1, SEAL: 1}, ["venues_no_rooms"]),
    ],
)
def test_spare_rooms_in_proportion_a_rest_room_a_seal_room(kinds: dict[str, int], codes: list[str]) -> None:
    rooms = [replace(GOOD, kind=kind) for kind, n in kinds.items() for _ in range(n)]
    assert [r.code for r in rules.check_support(rooms, PARAMS)] == codes


@pytest.mark.rule("V14.7.1")
@pytest.mark.parametrize(
    ("counts", "sites", "missing"),
    [
        ({"g": 60}, [SiteSize(30, [30, 35])], 0),
        ({"g": 61}, [SiteSize(30, [30, 35])], 1),
        ({"g": 29, "h": 1}, [SiteSize(30, [30])], 1),
        ({"g": 55}, [SiteSize(30, [30]), SiteSize(25, [30])], 0),
        ({"g": 56}, [SiteSize(30, [30]), SiteSize(25, [30])], 1),
        ({"g": 1}, [], 1),
        ({}, [], 0),
    ],
)
def test_rooms_hold_everybody_categories_apart(
    counts: dict[str, int], sites: list[SiteSize], missing: int
) -> None:
    found = [r.facts["missing"] for r in rules.check_capacity(counts, sites)]
    assert found == ([missing] if missing else [])


@pytest.fixture
def exam(db: None) -> Exam:
    made = make_exam("1301", "1302")
    confirmed(made, {("1301", "general"): 31, ("1302", "aquatic"): 2})
    return made


@pytest.fixture
def host(exam: Exam) -> Actor:
    decide(exam, "13", {"1301": "1301", "1302": "1301"})
    return staff("point_manager", "1301")


@pytest.mark.rule("V1.7", "V1.8")
def test_only_a_host_sets_up_sites(exam: Exam, host: Actor) -> None:
    other = staff("point_manager", "1302")
    with acting(other):
        with pytest.raises(RuleRefused) as refused:
            make_site(exam, "1302", rooms=2, by=other)
        assert [r.code for r in refused.value.refusals] == ["venues_not_host"]
        with pytest.raises(NotPermitted):
            make_site(exam, "1301", rooms=2, by=other)
    assert make_site(exam, "1301", rooms=3, report=False, by=host).code == "1301-01"
    assert make_site(exam, "1301", rooms=3, report=False, by=host).code == "1301-02"


@pytest.mark.rule("V6.3", "V7.1", "V14.2", "V14.5")
def test_a_report_needs_everything_closes_the_duty_and_starts_the_next(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=2, report=False, by=host)
    look(exam, site, by=host)
    with acting(host):
        found = queries.readiness(exam, site)
        assert [(r.code, r.facts["missing"]) for r in found.refusals] == [("venues_capacity", 2)]
        with pytest.raises(RuleRefused):
            services.report_site(exam=exam, site_code=site.code, by=host, at=AT)
        services.add_rooms(exam=exam, site_code=site.code, rooms=[replace(GOOD, number=9)], by=host, at=AT)
        services.report_site(exam=exam, site_code=site.code, by=host, at=AT)
        with pytest.raises(RuleRefused) as refused:
            services.add_rooms(
                exam=exam, site_code=site.code, rooms=[replace(GOOD, number=10)], by=host, at=AT
            )
        assert [r.code for r in refused.value.refusals] == ["venues_reported"]
    with acting(SYSTEM):
        assert Obligation.objects.get(rule="V6.3", owner_code="1301").discharged_at == AT
        assert Milestone.objects.get(key="sites_reported").office_path == "/13/"
        assert Obligation.objects.get(rule="V7.1", owner_code="13").discharged_at is None


def test_the_region_gives_a_site_back(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=3, by=host)
    region = staff("region_officer", "13")
    with acting(region):
        services.reopen_site(exam=exam, site_code=site.code, reason="x", by=region, at=AT)
        with pytest.raises(Stale):
            services.reopen_site(exam=exam, site_code=site.code, reason="x", by=region, at=AT)
    with acting(host):
        services.remove_room(exam=exam, room_id=queries.rooms(site)[2].pk, by=host, at=AT)
        assert len(queries.rooms(site)) == 5


def test_a_room_number_is_used_once(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=2, report=False, by=host)
    with acting(host), pytest.raises(RuleRefused) as refused:
        services.add_rooms(
            exam=exam, site_code=site.code, rooms=[GOOD, replace(GOOD, number=8)], by=host, at=AT
        )
    assert [r.code for r in refused.value.refusals] == ["venues_room_twice"]
    with pytest.raises(IntegrityError), acting(host), connection.cursor() as cursor:
        cursor.execute("UPDATE venues_room SET number = 1 WHERE site_id = %s", [site.pk])


def test_two_who_edit_a_site_do_not_overwrite_each_other(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=2, report=False, by=host)
    with acting(host):
        services.edit_site(exam=exam, site_code=site.code, version=1, address="新路2号", by=host, at=AT)
        with pytest.raises(Stale):
            services.edit_site(exam=exam, site_code=site.code, version=1, address="x", by=host, at=AT)


@pytest.mark.rule("V6.3")
def test_rooms_come_from_a_spreadsheet_all_or_none_with_the_rows_that_are_wrong(
    exam: Exam, host: Actor
) -> None:
    site = make_site(exam, "1301", rooms=2, report=False, by=host)
    with acting(host):
        Room.objects.filter(site=site).delete()
        good = services.template_workbook()
        bad = (
            "房间号,用途,楼栋,楼层,列数,每列桌数,列间距（厘米）\n"
            "1,考场,A,1,5,6,80\n2,考场,A,1,5,6,60\n3,教堂,A,1,5,6,80\n4,考场,A,1,99,6,80\n"
        ).encode()
        wrong = services.import_rooms(
            exam=exam, site_code=site.code, data=bad, filename="r.csv", by=host, at=AT
        )
        assert (wrong.added, [(e.number, e.key) for e in wrong.errors]) == (
            0,
            [(3, "gap_cm"), (4, "kind"), (5, "columns")],
        )
        assert read_table(wrong.workbook, filename="w.xlsx", columns=COLUMNS).count == 3
        assert queries.rooms(site) == []
        done = services.import_rooms(
            exam=exam, site_code=site.code, data=good, filename="r.xlsx", by=host, at=AT
        )
        assert (done.added, done.errors) == (5, [])
        assert [r.kind for r in queries.rooms(site)] == [EXAM, EXAM, SPARE, REST, SEAL]


def test_every_fact_of_a_room_goes_out_to_a_spreadsheet_and_comes_back(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=0, report=False, by=host)
    rooms = [
        NewRoom(1, "A座", 1, 5, 6, 80, EXAM, "101", True, True, True, "back-left", "东楼梯"),
        NewRoom(2, "A座", 1, 1, 2, 90, SEPARATE, "102", True, False, False, "front-left", "西楼梯"),
        NewRoom(3, "A座", -1, kind=MEDICAL),
    ]
    with acting(host):
        Room.objects.filter(site=site).delete()
        book = services.rooms_workbook(rooms)
        done = services.import_rooms(
            exam=exam, site_code=site.code, data=book, filename="r.xlsx", by=host, at=AT
        )
        assert (done.added, done.errors) == (3, [])
        assert [room.facts for room in queries.rooms(site)] == rooms


def test_one_workbook_holds_the_rooms_of_several_sites(exam: Exam, host: Actor) -> None:
    for _ in range(2):
        make_site(exam, "1301", rooms=0, report=False, by=host)
    first, second = NewRoom(31, "A座", 1, 5, 6, 80, stair="东楼梯"), NewRoom(31, "B座", 2, 5, 6, 80)

    def bring_in(*sites: tuple[str, list[NewRoom]]) -> services.ImportResult:
        book = services.rooms_of_sites_workbook(sites)
        with acting(host):
            return services.import_rooms_of_sites(exam=exam, data=book, filename="r.xlsx", by=host, at=AT)

    small = replace(second, number=32, gap_cm=60)
    wrong = bring_in(("1301-01", [first, first]), ("1301-02", [small]), ("1302-01", [first]))
    assert [(e.number, e.key) for e in wrong.errors] == [(3, "number"), (4, "gap_cm"), (5, "site")]
    assert bring_in(("1301-01", [first]), ("1301-02", [second])).added == 2
    with acting(host):
        found = [queries.rooms(site)[-1].facts for site in queries.sites(exam, viewer=host)]
    assert found == [first, second]


def test_flags_and_doors_that_nobody_knows_are_told_by_row(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=0, report=False, by=host)
    sheet = (
        b"Room number,Use,Building,Floor,Columns,Desks per column,Gap between columns (cm),Cameras,Door\n"
        b"11,Exam room,A,1,5,6,80,perhaps,Front left\n12,Exam room,A,1,5,6,80,yes,roof\n"
    )
    with acting(host):
        wrong = services.import_rooms(
            exam=exam, site_code=site.code, data=sheet, filename="r.csv", by=host, at=AT
        )
    assert [(e.number, e.key) for e in wrong.errors] == [(2, "cameras"), (3, "door")]


def test_buildings_and_stairs_have_one_spelling(exam: Exam, host: Actor) -> None:
    site = make_site(exam, "1301", rooms=0, report=False, by=host)
    room = replace(GOOD, number=77, building=" Ａ座 ", stair="东  楼梯 ")
    with acting(host):
        services.add_rooms(exam=exam, site_code=site.code, rooms=[room], by=host, at=AT)
        found = queries.rooms(site)[-1]
        assert (found.building, found.stair) == ("A座", "东 楼梯")
    with pytest.raises(IntegrityError), acting(host), connection.cursor() as cursor:
        cursor.execute("UPDATE venues_room SET door = 'roof' WHERE site_id = %s", [site.pk])


@pytest.mark.parametrize(
    ("path", "draft", "reported"),
    [("/13/", 1, 1), ("/13/1301/", 1, 1), ("/13/1301/01/", 1, 1), ("/13/1302/", 0, 1), ("/11/", 0, 1)],
)
def test_a_site_is_its_offices_own_until_it_is_reported(
    exam: Exam, host: Actor, path: str, draft: int, reported: int
) -> None:
    site = make_site(exam, "1301", rooms=3, report=False, by=host)
    look(exam, site, by=host)
    viewer = Actor("person:1", "", "x", office_path=path)
    with acting(viewer):
        assert Site.objects.count() == draft
        assert Room.objects.count() == (6 if draft else 0)
    with acting(host):
        services.report_site(exam=exam, site_code=site.code, by=host, at=AT)
    with acting(viewer):
        assert Site.objects.count() == reported
        assert len(queries.sites(exam, viewer=viewer)) == draft


def test_halls_are_what_the_rules_want() -> None:
    assert not list(rules.check_support(halls(41), PARAMS))
