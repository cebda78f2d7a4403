"""Late duties climb, each level once."""

from datetime import timedelta

import pytest

from keju.kernel.audit.models import Event
from keju.kernel.duties import services
from keju.kernel.duties.escalation import EVERY, ladder, level_due
from keju.kernel.duties.models import Obligation
from keju.kernel.exams import services as exams
from keju.kernel.notices.models import Receipt
from keju.kernel.notices.tests.year import AT, ROOT, china, exam_of_2011
from keju.kernel.offices import acting
from keju.kernel.offices.models import Office

pytestmark = pytest.mark.django_db
DUE = china(2011, 7, 5, 23, 59, 59)  # V5.3.3, three working days after 30 June


@pytest.fixture
def exam():
    exam = exam_of_2011(("13", "1301", "1302"))
    services.reach(exam=exam, key="confirmation_ends", when=china(2011, 6, 30, 17), by=ROOT, at=AT)
    return exam


def escalate(exam, at):
    return services.escalate(exam=exam, by=ROOT, at=at)


def told(exam):
    with acting(ROOT):
        found = Receipt.objects.filter(exam=exam).select_related("notice").order_by("pk")
        return [(r.office_code, r.notice.title.en) for r in found]


def test_the_ladder_leads_to_the_committee():
    assert ladder("1301") == ["13", "centre", "office", "committee"]
    assert ladder("13") == ["centre", "office", "committee"]
    assert ladder("committee") == []


def test_the_level_rises_with_each_interval_and_stops_at_the_top():
    late = [timedelta(0), timedelta(seconds=1), EVERY - timedelta(seconds=1), EVERY, 2 * EVERY, 90 * EVERY]
    assert [level_due("1301", DUE, DUE + by, EVERY) for by in late] == [0, 1, 1, 2, 3, 4]


@pytest.mark.rule("V5.3.3")
def test_a_late_summary_is_told_to_the_region_then_to_the_centre_each_once(exam):
    assert escalate(exam, DUE) == 0 and told(exam) == []
    assert escalate(exam, DUE + timedelta(hours=1)) == 2
    assert told(exam) == [("13", "Overdue: 2")]
    assert escalate(exam, DUE + timedelta(hours=2)) == 0
    services.discharge(exam=exam, rule="V5.3.3", owner="1302", evidence="sent", by=ROOT, at=AT)
    # V6.2, due on 7 July, is late by then as well: of the region itself, so the centre is told of both.
    assert escalate(exam, DUE + EVERY) == 2
    assert told(exam)[1:] == [("centre", "Overdue: 2")]


@pytest.mark.rule("V5.4", "V6.2", "V8.2a")
def test_regions_late_with_review_hosts_and_money_are_told_to_the_centre(exam):
    escalate(exam, china(2011, 8, 31, 9))
    with acting(ROOT):
        found = Obligation.objects.filter(rule__in=["V5.4", "V6.2", "V8.2a"])
        levels = {r.code: r.escalated_level for r in found}
        body = Receipt.objects.select_related("notice").get(office_code="centre").notice.body
    assert levels == {"V5.4": 3, "V6.2": 3, "V8.2a": 1}
    assert "V8.2a" in body.en and "2011年8月30日" in body.zh


@pytest.mark.rule("V6.3", "V7.1", "V8.2b", "V8.3")
def test_every_deadline_of_the_fees_venues_and_tickets_escalates(exam):
    for key in ("hosts_decided", "sites_reported", "money_received", "exam_ends"):
        services.reach(exam=exam, key=key, when=china(2011, 7, 7), by=ROOT, at=AT)
    escalate(exam, china(2011, 8, 20))
    with acting(ROOT):
        found = Obligation.objects.filter(rule__in=["V6.3", "V7.1", "V8.2b", "V8.3"])
        assert {r.rule for r in found if r.escalated_level > 0} == {"V6.3", "V7.1", "V8.2b", "V8.3"}


def test_a_new_due_date_starts_the_climb_anew(exam):
    escalate(exam, DUE + timedelta(hours=1))
    services.reach(exam=exam, key="confirmation_ends", when=china(2011, 7, 29, 17), by=ROOT, at=AT)
    with acting(ROOT):
        assert set(Obligation.objects.values_list("escalated_level", flat=True)) == {0}


def test_a_notice_of_many_lists_fifty_and_counts_the_rest(exam, monkeypatch):
    monkeypatch.setattr("keju.kernel.duties.escalation.LISTED", 1)
    escalate(exam, DUE + timedelta(hours=1))
    with acting(ROOT):
        body = Receipt.objects.select_related("notice").get(office_code="13").notice.body
    assert body.zh.splitlines()[-1] == "另有1项。" and body.en.splitlines()[-1] == "And 1 more."


def events(*kinds):
    with acting(ROOT):
        return Event.objects.filter(kind__in=kinds).count()


def test_with_nothing_to_do_the_clock_leaves_no_trace(exam):
    escalate(exam, DUE + timedelta(hours=1))
    before = events("duties.obligations.escalated", "duties.calendar.settled")
    for minute in range(3):
        assert escalate(exam, DUE + timedelta(hours=1, minutes=minute)) == 0
    assert events("duties.obligations.escalated", "duties.calendar.settled") == before == 1


@pytest.mark.rule("V15.9.1")
def test_the_clock_opens_each_days_reports_until_the_cards_are_returned(exam):
    services.reach(exam=exam, key="exam_day", when=china(2011, 10, 16, 9), by=ROOT, at=AT)

    def days():
        with acting(ROOT):
            found = Obligation.objects.filter(code="V15.9.1/point", owner_code="1301", withdrawn_at=None)
            return [r.day.day for r in found.order_by("day")]

    assert days() == [7]
    for hour in (0, 12):
        escalate(exam, china(2011, 10, 8, hour, 5))
        assert days() == [7, 8]
    escalate(exam, china(2011, 10, 18, 9))
    assert days() == list(range(7, 19))
    services.reach(
        exam=exam, key="cards_returned", when=china(2011, 10, 20, 9), by=ROOT, at=china(2011, 10, 20, 9)
    )
    settled = events("duties.calendar.settled")
    escalate(exam, china(2011, 10, 25, 9))
    assert days() == list(range(7, 21)) and events("duties.calendar.settled") == settled


def test_the_clock_finds_an_office_that_joined(exam):
    with acting(ROOT):
        exams.open_office(exam=exam, office=Office.objects.get(code="1303"), by=ROOT, at=AT)
    escalate(exam, AT)
    with acting(ROOT):
        assert Obligation.objects.filter(owner_code="1303").count() == 1
    settled = events("duties.calendar.settled")
    escalate(exam, AT)
    assert events("duties.calendar.settled") == settled == 1
