"""What is done is closed with its evidence, once; by hand only by the owner."""

import pytest
from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.duties import queries, services
from keju.kernel.duties.models import Obligation
from keju.kernel.notices.tests.year import AT, ROOT, china, exam_of_2011, officer
from keju.kernel.offices import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam():
    exam = exam_of_2011()
    services.reach(exam=exam, key="confirmation_ends", when=china(2011, 6, 30, 17), by=ROOT, at=AT)
    return exam


def row(exam, code, owner, **more):
    with acting(ROOT):
        return Obligation.objects.get(exam=exam, code=code, owner_code=owner, **more)


def discharge(exam, rule, owner, **more):
    return services.discharge(
        **{
            "exam": exam,
            "rule": rule,
            "owner": owner,
            "evidence": "汇总表2011-13",
            "by": ROOT,
            "at": AT,
            **more,
        }
    )


@pytest.mark.rule("V5.3.3")
def test_sending_the_summary_closes_that_points_duty_and_no_other(exam):
    assert discharge(exam, "V5.3.3", "1301", by=officer("1301")) == 1
    done = row(exam, "V5.3.3", "1301")
    assert (done.discharged_at, done.discharged_by, done.evidence) == (AT, "person:1301", "汇总表2011-13")
    assert row(exam, "V5.3.3", "1302").discharged_at is None
    with acting(ROOT):
        event = Event.objects.filter(kind="duties.obligation.discharged").get()
    assert event.rules == ["V5.3.3"] and event.data["closed"] == 1


def test_a_second_discharge_changes_nothing(exam):
    discharge(exam, "V5.4", "13", evidence="first")
    later = china(2011, 8, 1)
    assert discharge(exam, "V5.4", "13", evidence="second", at=later) == 0
    assert (row(exam, "V5.4", "13").evidence, row(exam, "V5.4", "13").discharged_at) == ("first", AT)


@pytest.mark.rule("V5.4", "V6.2", "V8.2a")
def test_many_are_closed_in_one_call(exam):
    for rule in ("V5.4", "V6.2", "V8.2a"):
        closed = services.discharge_many(
            exam=exam, rule=rule, owners=["11", "13", "44"], evidence="batch", by=ROOT, at=AT
        )
        assert closed == 3
        with acting(ROOT):
            assert all(queries.is_done(exam=exam, rule=rule, owner=o) for o in ("11", "13", "44"))


@pytest.mark.rule("V8.2b")
def test_the_centres_receipt_for_one_region_leaves_the_other_regions_owed(exam):
    for path in ("/11/", "/13/"):
        services.reach(
            exam=exam, key="money_received", when=china(2011, 8, 30), office_path=path, by=ROOT, at=AT
        )
    assert discharge(exam, "V8.2b", "centre", creditor="13") == 1
    assert row(exam, "V8.2b", "centre", creditor_code="13").discharged_at == AT
    assert row(exam, "V8.2b", "centre", creditor_code="11").discharged_at is None


@pytest.mark.rule("V6.3", "V7.1", "V8.3")
@pytest.mark.parametrize(
    ("key", "code", "owner"),
    [("hosts_decided", "V6.3", "1301"), ("sites_reported", "V7.1", "13"), ("exam_ends", "V8.3", "13")],
)
def test_each_duty_closes(exam, key, code, owner):
    services.reach(exam=exam, key=key, when=china(2011, 7, 7), by=ROOT, at=AT)
    assert discharge(exam, code, owner) == 1
    assert discharge(exam, code, owner) == 0
    assert row(exam, code, owner).discharged_at == AT


@pytest.mark.rule("V3.1")
def test_what_is_done_before_its_term_begins_is_done_when_it_does(exam):
    assert discharge(exam, "V3.1", "committee") == 1
    early = row(exam, "V3.1", "committee")
    assert early.milestone_at is None and early.discharged_at == AT
    services.reach(exam=exam, key="exam_day", when=china(2011, 10, 16, 9), by=ROOT, at=AT)
    known = row(exam, "V3.1", "committee")
    assert known.due_at.date().isoformat() == "2011-07-16" and known.discharged_at == AT
    assert discharge(exam, "V3.1", "committee") == 0


@pytest.mark.rule("V15.9.1")
def test_a_daily_report_closes_its_own_day(exam):
    services.reach(exam=exam, key="exam_day", when=china(2011, 10, 16, 9), by=ROOT, at=AT)
    services.open_known(exam=exam, by=ROOT, at=china(2011, 10, 9, 8))
    assert discharge(exam, "V15.9.1/region", "13", at=china(2011, 10, 8, 15)) == 1
    with acting(ROOT):
        found = Obligation.objects.filter(code="V15.9.1/region", owner_code="13").order_by("day")
        assert [bool(r.discharged_at) for r in found] == [False, True, False]


def test_without_evidence_the_database_refuses(exam):
    with pytest.raises(IntegrityError), transaction.atomic():
        discharge(exam, "V5.4", "13", evidence="")


def manual(exam, owner="13"):
    services.reach(exam=exam, key="exam_ends", when=china(2011, 10, 16, 17), by=ROOT, at=AT)
    return row(exam, "V16.3", owner).pk


def by_hand(pk, by):
    with acting(by):
        services.discharge_by_hand(obligation=pk, evidence="验收合格证号7", by=by, at=AT)


def test_the_owner_discharges_by_hand_with_evidence_once(exam):
    pk = manual(exam)
    by_hand(pk, officer("13"))
    assert row(exam, "V16.3", "13").evidence == "验收合格证号7"
    with pytest.raises(Stale):
        by_hand(pk, officer("13"))


def test_nobody_else_does_it_not_even_from_above(exam):
    pk = manual(exam)
    with pytest.raises(NotPermitted):
        by_hand(pk, officer("centre"))
    with pytest.raises(Obligation.DoesNotExist):
        by_hand(pk, officer("11"))
    with pytest.raises(NotPermitted):
        by_hand(pk, officer("13", "duties:board:read"))
    with pytest.raises(NotPermitted):
        by_hand(row(exam, "V5.4", "13").pk, officer("13"))  # the system itself closes it
    assert row(exam, "V16.3", "13").discharged_at is None
