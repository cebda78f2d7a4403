"""Hosts decided anew, reports at the same moment, and what one site's officer is not shown."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from keju.kernel.audit.models import Event
from keju.kernel.duties import queries as owed
from keju.kernel.duties import services as duties
from keju.kernel.duties.models import Obligation
from keju.kernel.duties.settling import specs_of
from keju.kernel.exams.models import Exam, Milestone
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import Actor, acting
from keju.stages.venues import queries, services
from keju.stages.venues.models import Room, Site
from keju.stages.venues.rules import NewRoom
from keju.stages.venues.services import siting
from keju.stages.venues.tests.test_copying import next_year
from keju.stages.venues.tests.year import (
    AT,
    SYSTEM,
    confirmed,
    decide,
    look,
    make_exam,
    make_site,
    staff,
)

HOST = staff("point_manager", "1301")
BOTH = {"1301": "1301", "1302": "1302"}
ALL_TO_1301 = {"1301": "1301", "1302": "1301"}


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    settings.FILES_ROOT = tmp_path  # type: ignore[attr-defined]
    made = make_exam("1301", "1302")
    confirmed(made, {("1301", "general"): 40, ("1302", "general"): 25})
    decide(made, "13", BOTH)
    return made


def at(name: str, **where: str) -> str:
    return reverse(name, kwargs={"exam": "vet-2011", **where})


def reached(exam: Exam) -> bool:
    with acting(SYSTEM):
        return Milestone.objects.filter(exam=exam, key="sites_reported", office_path="/13/").exists()


@pytest.mark.rule("V7.1")
def test_when_the_last_host_waited_for_hosts_no_more_all_are_reported(exam: Exam) -> None:
    make_site(exam, "1301", rooms=3)
    assert not reached(exam)
    decide(exam, "13", ALL_TO_1301)
    assert reached(exam)


@pytest.mark.rule("V14.3")
def test_the_site_of_a_point_that_hosts_no_more_is_no_exam_place(exam: Exam) -> None:
    site = make_site(exam, "1302", rooms=2)
    with acting(Actor.anybody()):
        assert [p.site.code for p in queries.places(exam, region_code="13")] == ["1302-01"]
    decide(exam, "13", ALL_TO_1301)
    with acting(Actor.anybody()):
        assert queries.places(exam, region_code="13") == []
        with pytest.raises(Site.DoesNotExist):
            queries.place(exam, site.code)
    with acting(SYSTEM):
        assert queries.board(exam, viewer=SYSTEM, at=AT) == [], "nothing is owed there any more"


@pytest.mark.rule("V6.3", "V14.7.1")
def test_a_reported_host_that_receives_too_many_is_red_on_the_board(exam: Exam, client: Client) -> None:
    make_site(exam, "1301", rooms=2)
    region = staff("region_officer", "13")

    def lacking() -> list[str]:
        with acting(region):
            (found,) = queries.board(exam, viewer=region, at=AT, region_code="13")
            assert (found.state == "late") == any(o.code == "places" for o in found.open)
            return [o.words.en for o in found.open if o.code == "places"]

    assert lacking() == []
    decide(exam, "13", ALL_TO_1301)
    assert len(lacking()) == 1 and "5 places are lacking" in lacking()[0]
    signed_in(client, "13", "region_officer")
    for page in ("venues-board", "venues-home"):
        assert "考场还差5个座位" in client.get(at(page)).content.decode(), page


@pytest.mark.rule("V6.3")
def test_a_school_stands_once(exam: Exam, client: Client) -> None:
    school = {"name_zh": "第一中学", "address": "学府路1号", "standard": "30"}
    signed_in(client, "1301", "point_manager")
    assert client.post(at("venues-site-add"), school).status_code == 302
    again = client.post(at("venues-site-add"), school)
    assert again.status_code == 409 and "1301-01" in again.content.decode()
    assert client.post(at("venues-site-add"), {**school, "address": "东校区"}).status_code == 302
    with acting(SYSTEM):
        assert list(Site.objects.values_list("code", flat=True)) == ["1301-01", "1301-02"]


@pytest.mark.rule("V14.5")
def test_the_api_takes_rooms_within_the_bounds_of_the_form(exam: Exam, client: Client) -> None:
    make_site(exam, "1301", rooms=1, report=False)
    signed_in(client, "1301", "point_manager")
    room = {"number": 50, "building": "A", "floor": 1, "columns": 5, "rows": 6, "gap_cm": 80}
    there = "/api/v1/venues/vet-2011/sites/1301-01"
    for wrong in (
        {"number": 2**40}, {"number": 0}, {"floor": 99999}, {"columns": -3}, {"columns": 3000}, {"gap_cm": 2**40},
        {"building": "x" * 41}, {"building": ""}, {"name": "x" * 41}, {"stair": "x" * 41}, {"kind": "x" * 9},
    ):  # fmt: skip
        sent = client.post(f"{there}/rooms", [room | wrong], "application/json")
        assert sent.status_code == 422, wrong
    assert client.post(f"{there}/rooms", [room], "application/json").status_code == 201
    too_long = {"settled": False, "note": "x" * 501}
    assert client.post(f"{there}/checklist/fit", too_long, "application/json").status_code == 422


def test_many_rooms_are_read_in_as_many_looks_as_few(exam: Exam) -> None:
    site = make_site(exam, "1301", rooms=1, report=False)

    def looks(first: int, n: int) -> int:
        book = services.rooms_of_sites_workbook(
            [(site.code, [NewRoom(first + k, "B座", 1, 5, 6, 80) for k in range(n)])]
        )
        with acting(HOST), CaptureQueriesContext(connection) as seen:
            done = services.import_rooms_of_sites(exam=exam, data=book, filename="a.xlsx", by=HOST, at=AT)
        assert done.added == n
        return len(seen)

    assert looks(100, 4) == looks(200, 30)


def test_the_board_looks_once_however_many_hosts(exam: Exam) -> None:
    def looks() -> int:
        with acting(SYSTEM), CaptureQueriesContext(connection) as seen:
            queries.board(exam, viewer=SYSTEM, at=AT)
        return len(seen)

    make_site(exam, "1301", rooms=2)
    one = looks()
    make_site(exam, "1302", rooms=2)
    assert looks() == one


def test_a_sites_officer_is_shown_no_other_points_and_no_earlier_schools(exam: Exam, client: Client) -> None:
    make_site(exam, "1301", rooms=2, report=False)
    signed_in(client, "1301-01", "site_officer", "vet-2011")
    sent = client.get(at("venues-export"))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(sent.getvalue())).get_sheet_by_index(0)
    assert [row[0] for row in sheet.to_python()[1:]] == []
    later = next_year()
    officer = staff("site_officer", "1301-01")
    with acting(officer):
        assert list(queries.earlier_sites(later, viewer=officer)) == []
    with acting(HOST):
        assert [s.code for s in queries.earlier_sites(later, viewer=HOST)] == ["1301-01"]


def test_a_room_removed_meanwhile_does_not_come_back(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    make_site(exam, "1301", rooms=2, report=False)
    with acting(SYSTEM):
        room = Room.objects.get(number=2)
    held = siting.locked

    def late(*args: object) -> Site:
        Room.objects.filter(pk=room.pk).delete()
        return held(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(siting, "locked", late)
    with pytest.raises(Room.DoesNotExist), acting(HOST):
        services.edit_room(exam=exam, room_id=room.pk, room=room.facts, by=HOST, at=AT)


@pytest.mark.rule("V6.3", "V7.1")
@pytest.mark.django_db(transaction=True)
def test_of_two_hosts_that_report_at_once_one_is_the_last(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    for point in BOTH:
        look(exam, make_site(exam, point, rooms=2, report=False))
    together = Barrier(2, timeout=1)
    ready = queries.readiness

    def slowly(*args: object) -> queries.Readiness:
        """Both have begun before either goes on, unless one is made to wait for the other."""
        with suppress(BrokenBarrierError):  # the other waits for our commit
            together.wait()
        return ready(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(queries, "readiness", slowly)

    def report(point: str) -> None:
        by = staff("point_manager", point)
        try:
            with acting(by):
                services.report_site(exam=exam, site_code=f"{point}-01", by=by, at=AT)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(report, BOTH))
    assert reached(exam)
    with acting(SYSTEM):
        assert set(Obligation.objects.filter(rule="V6.3").values_list("discharged_at", flat=True)) == {AT}


def test_a_role_at_a_site_is_for_one_exam(exam: Exam, client: Client) -> None:
    make_site(exam, "1301", rooms=2, report=False)
    with pytest.raises(ValidationError):
        signed_in(client, "1301-01", "site_officer")
    signed_in(client, "1301-01", "site_officer", "vet-2010")
    assert client.get(at("venues-site", site="1301-01")).status_code == 403


@pytest.mark.rule("V15.1.1", "V15.1.4", "V15.9.1", "V15.9.2", "V12.4", "V16.1.2")
def test_a_point_that_hosts_nobody_owes_nothing_of_the_exam_day(exam: Exam) -> None:
    """Neither directory and phones, nor reports of papers that it has not, nor what begins when the exam is over."""
    daily, after = "V15.9.1/point", ("V16.1.2/point", "V16.2.1")

    def owing() -> set[tuple[str, str]]:
        with acting(SYSTEM):
            rows = Obligation.objects.filter(exam=exam, withdrawn_at=None, discharged_at=None)
            return {(o.code, o.owner_code) for o in rows if o.code in hosted}

    def missing(day: date) -> set[str]:
        with acting(SYSTEM):
            pairs = owed.owed_on(exam=exam, rules=["V15.9.1"], creditors=["13"], day=day)
            return {owner for owner, _ in pairs}

    hosted = {spec.code for spec in specs_of(exam) if spec.hosts_only}
    assert {daily, *after, "V12.4/point", "V15.1.1/point", "V15.1.4/point", "V15.9.2/point"} <= hosted
    everybody = owing()
    assert {point for code, point in everybody if code == daily} == set(BOTH)
    decide(exam, "13", ALL_TO_1301)
    assert owing() == {(code, point) for code, point in everybody if point == "1301"}
    moved = AT + timedelta(days=90)
    with acting(SYSTEM):
        events = Event.objects.filter(kind="duties.obligation.narrowed", office_path="/13/")
        assert all(e.data["ended"] > 0 for e in events if e.data["hosts"] == ["1301"])
        duties.reach(exam=exam, key="exam_day", when=moved, by=SYSTEM, at=AT)
        duties.reach(exam=exam, key="exam_ends", when=moved, by=SYSTEM, at=AT)
        duties.open_known(exam=exam, by=SYSTEM, at=moved - timedelta(days=3))
    assert "1302" not in {point for _, point in owing()}, (
        "neither another exam day nor its end asks who was let off"
    )
    assert {(code, "1301") for code in after} <= owing()
    assert missing((moved - timedelta(days=3)).date()) == {"1301"}
    decide(exam, "13", BOTH)
    with acting(SYSTEM):
        duties.open_known(exam=exam, by=SYSTEM, at=moved - timedelta(days=3))
        again = Obligation.objects.get(exam=exam, code="V15.1.4/point", owner_code="1302")
        assert again.milestone_at == moved and again.withdrawn_because == ""
    assert {code for code, point in owing() if point == "1302"} == {
        code for code, point in owing() if point == "1301"
    }
    assert missing((moved - timedelta(days=3)).date()) == set(BOTH)
