"""Milestones open duties with exact due dates; moving one moves them; nothing happens twice."""

from datetime import date

import pytest

from keju.kernel.audit.models import Event
from keju.kernel.duties import services
from keju.kernel.duties.models import Obligation
from keju.kernel.duties.settling import Settled
from keju.kernel.exams import services as exams
from keju.kernel.notices.tests.year import AT, ROOT, china, exam_of_2011
from keju.kernel.offices import acting
from keju.kernel.offices.models import Office

pytestmark = pytest.mark.django_db
END = (23, 59, 59)


@pytest.fixture
def exam():
    return exam_of_2011()


def rows(exam, **more):
    with acting(ROOT):
        return list(Obligation.objects.filter(exam=exam, **more).order_by("code", "owner_code", "day"))


def due(exam, code, owner, **more):
    (row,) = rows(exam, code=code, owner_code=owner, **more)
    return row.due_at


def reach(exam, key, *when, at=AT, **more):
    return services.reach(exam=exam, key=key, when=china(*when), by=ROOT, at=at, **more)


@pytest.mark.rule("V5.3.3", "V5.4", "V6.2", "V8.2a")
def test_the_end_of_confirmation_opens_four_duties_with_the_dates_of_2011(exam):
    # Thursday 30 June 2011; no holiday until Mid-Autumn (12 September).
    done = reach(exam, "confirmation_ends", 2011, 6, 30, 17)
    assert due(exam, "V5.3.3", "1301") == china(2011, 7, 5, *END)
    assert due(exam, "V6.2", "13") == china(2011, 7, 7, *END)
    assert due(exam, "V5.4", "13") == china(2011, 7, 28, *END)
    assert due(exam, "V8.2a", "13") == china(2011, 8, 30, *END)
    assert done == Settled(opened=4 + 3 * 3, moved=0, withdrawn=0)
    assert {(r.creditor_code, r.office_path) for r in rows(exam, code="V5.3.3", owner_code="1302")} == {
        ("13", "/13/1302/")
    }


@pytest.mark.rule("V6.3")
def test_only_the_hosts_notified_owe_their_site_each_from_its_own_notice(exam):
    done = reach(exam, "hosts_decided", 2011, 7, 7, 10, offices=["1301"])
    assert due(exam, "V6.3", "1301") == china(2011, 8, 4, *END)
    assert done.opened == 1 and [r.owner_code for r in rows(exam, code="V6.3")] == ["1301"]
    reach(exam, "hosts_decided", 2011, 7, 8, 10, offices=["1302"])
    assert due(exam, "V6.3", "1302") == china(2011, 8, 5, *END)
    assert due(exam, "V6.3", "1301") == china(2011, 8, 4, *END)


@pytest.mark.rule("V7.1")
def test_a_regions_own_milestone_opens_its_duty_alone(exam):
    reach(exam, "sites_reported", 2011, 8, 4, 10, office_path="/13/")
    assert [(r.owner_code, r.due_at) for r in rows(exam, code="V7.1")] == [("13", china(2011, 8, 11, *END))]


@pytest.mark.rule("V8.2b")
def test_money_received_from_one_region_opens_what_the_centre_owes_that_region(exam):
    # Tuesday 30 August; Monday 12 September was Mid-Autumn.
    reach(exam, "money_received", 2011, 8, 30, 11, office_path="/13/")
    (row,) = rows(exam, code="V8.2b")
    assert (row.owner_code, row.creditor_code, row.office_path) == ("centre", "13", "/13/")
    assert row.due_at == china(2011, 9, 14, *END)


@pytest.mark.rule("V8.3")
def test_refunds_are_due_twenty_two_working_days_after_the_exam(exam):
    reach(exam, "exam_ends", 2011, 10, 16, 17, 30)
    assert {r.due_at for r in rows(exam, code="V8.3")} == {china(2011, 11, 15, *END)}


def test_reaching_it_again_opens_nothing_and_moving_it_moves_what_is_not_done(exam):
    reach(exam, "confirmation_ends", 2011, 6, 30, 17)
    assert reach(exam, "confirmation_ends", 2011, 6, 30, 17) == Settled(0, 0, 0)
    services.discharge(exam=exam, rule="V5.4", owner="11", evidence="set", by=ROOT, at=AT)
    assert reach(exam, "confirmation_ends", 2011, 7, 1, 17) == Settled(
        opened=0, moved=4 + 3 * 3 - 1, withdrawn=0
    )
    assert due(exam, "V5.4", "13") == china(2011, 7, 29, *END)
    assert due(exam, "V5.4", "11") == china(2011, 7, 28, *END)
    with acting(ROOT):
        # all at one moment, so their identifiers are in no order
        events = Event.objects.filter(kind="duties.milestone.reached")
        assert [e.data["moved"] for e in events if e.data["moved"]] == [12]
        assert all("V5.4" in e.rules for e in events)


def test_a_deferred_region_keeps_its_own_calendar_when_the_nation_moves(exam):
    reach(exam, "confirmation_ends", 2011, 7, 14, 17, office_path="/13/")
    reach(exam, "confirmation_ends", 2011, 6, 30, 17)
    assert due(exam, "V6.2", "13") == china(2011, 7, 21, *END)
    assert due(exam, "V6.2", "11") == china(2011, 7, 7, *END)


def test_an_office_that_joins_later_gets_what_is_already_known(exam):
    reach(exam, "confirmation_ends", 2011, 6, 30, 17)
    with acting(ROOT):
        exams.open_office(exam=exam, office=Office.objects.get(code="1303"), by=ROOT, at=AT)
    assert services.open_known(exam=exam, by=ROOT, at=AT) == Settled(opened=1, moved=0, withdrawn=0)
    assert due(exam, "V5.3.3", "1303") == china(2011, 7, 5, *END)
    assert services.open_known(exam=exam, by=ROOT, at=AT) == Settled(0, 0, 0)


def test_the_region_above_an_opened_point_is_its_creditor_and_takes_part(exam):
    with acting(ROOT):
        exams.open_office(exam=exam, office=Office.objects.get(code="2101"), by=ROOT, at=AT)
    reach(exam, "confirmation_ends", 2011, 6, 30, 17)
    assert [r.creditor_code for r in rows(exam, code="V5.3.3", owner_code="2101")] == ["21"]


@pytest.mark.rule("V12.4")
def test_daily_reports_follow_the_calendar_and_those_not_needed_end(exam):
    reach(exam, "papers_received", 2011, 10, 13, 20, office_path="/13/", at=china(2011, 10, 13, 20))
    assert [r.day for r in rows(exam, code="V12.4/region")] == [date(2011, 10, 13)]
    reach(exam, "exam_ends", 2011, 10, 16, 17)
    assert [r.day for r in rows(exam, code="V12.4/region")] == [date(2011, 10, d) for d in (13, 14, 15, 16)]
    moved = reach(exam, "exam_ends", 2011, 10, 14, 17)
    ended = rows(exam, code="V12.4/region", withdrawn_at__isnull=False)
    assert [r.day for r in ended] == [date(2011, 10, 15), date(2011, 10, 16)] and moved.withdrawn == 2
    reach(exam, "exam_ends", 2011, 10, 16, 17)
    assert not rows(exam, withdrawn_at__isnull=False)


def test_withdrawn_by_decision_stays_so_until_the_office_is_named_again(exam):
    reach(exam, "hosts_decided", 2011, 7, 7, 10, offices=["1301"])
    assert (
        services.withdraw(exam=exam, rule="V6.3", owners=["1301"], because="改由1302承考", by=ROOT, at=AT)
        == 1
    )
    assert services.open_known(exam=exam, by=ROOT, at=AT) == Settled(0, 0, 0)
    reach(exam, "hosts_decided", 2011, 7, 8, 10, offices=["1301"])
    (row,) = rows(exam, code="V6.3")
    assert row.withdrawn_at is None and row.due_at == china(2011, 8, 5, *END)


def test_an_officer_of_a_point_may_set_its_regions_term_going(exam):
    from keju.kernel.notices.tests.year import officer

    with acting(officer("1301")):
        services.reach(
            exam=exam,
            key="sites_reported",
            when=china(2011, 8, 4, 10),
            office_path="/13/",
            by=officer("1301"),
            at=AT,
        )
        assert not Obligation.objects.filter(code="V7.1").exists()  # and still does not see it
    assert due(exam, "V7.1", "13") == china(2011, 8, 11, *END)
