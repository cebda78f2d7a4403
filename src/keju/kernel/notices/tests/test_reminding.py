"""Whoever does not acknowledge in time is reported to the office that handed the notice down, then further up."""

from datetime import timedelta

import pytest

from keju.kernel.audit.models import Event
from keju.kernel.notices import services
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.notices.tests.year import AT, ROOT, exam_of_2011, officer
from keju.kernel.offices import acting
from keju.rulebook.words import t

pytestmark = pytest.mark.django_db
DUE = AT + timedelta(days=2)


@pytest.fixture
def exam():
    return exam_of_2011()


def send(exam, sender, to, **more):
    with acting(officer(sender)):
        return services.send(
            exam=exam,
            title=t("报名通知", "Registration"),
            body=t("文", "Text"),
            to=to,
            by=officer(sender),
            at=AT,
            **more,
        )


def remind(exam, at):
    return services.remind_late(exam=exam, by=ROOT, at=at)


def told():
    with acting(ROOT):
        found = Receipt.objects.filter(notice__kind="late").order_by("delivered_at", "office_code")
        return list(found.values_list("office_code", flat=True))


@pytest.mark.rule("V3.2")
def test_what_is_not_acknowledged_climbs_a_step_every_three_days(exam):
    send(exam, "13", ["1301", "1302"], answer_by=DUE)
    assert remind(exam, DUE) == 0
    assert remind(exam, DUE + timedelta(minutes=1)) == 2 and told() == ["13"]
    assert remind(exam, DUE + timedelta(days=2)) == 0
    assert remind(exam, DUE + timedelta(days=3)) == 2 and told() == ["13", "centre"]
    assert remind(exam, DUE + timedelta(days=99)) == 2 and told() == ["13", "centre", "committee", "office"]
    assert remind(exam, DUE + timedelta(days=999)) == 0
    with acting(ROOT):
        body = Notice.objects.filter(kind="late").earliest("pk")
        event = Event.objects.filter(kind="notices.receipts.escalated").earliest("at")
    assert "石家庄市：报名通知" in body.body_zh and "2011" in body.body_en and body.title_en.endswith(": 2")
    assert event.data == {"receipts": 2, "told": {"13": 2}} and event.rules == ["V3.2"]


@pytest.mark.rule("V3.2")
def test_who_acknowledged_is_not_reported_and_one_without_a_term_never_is(exam):
    notice = send(exam, "13", ["1301", "1302"], answer_by=DUE)
    send(exam, "13", ["1301"])
    clerk = officer("1301")
    with acting(clerk):
        services.acknowledge(notice=notice.pk, by=clerk, at=AT)
    assert remind(exam, DUE + timedelta(hours=1)) == 1
    with acting(ROOT):
        assert "石家庄" not in Notice.objects.get(kind="late").body_zh
        services_told = Event.objects.filter(kind="notices.receipts.escalated").count()
    assert remind(exam, DUE + timedelta(hours=2)) == 0
    with acting(ROOT):  # with nothing to do it leaves no trace
        assert Event.objects.filter(kind="notices.receipts.escalated").count() == services_told == 1


@pytest.mark.rule("V3.2")
def test_who_handed_it_on_is_told_first(exam):
    notice = send(exam, "office", ["13"], answer_by=DUE)
    region = officer("13")
    with acting(region):
        services.open_notice(notice=notice.pk, by=region, at=AT)
        services.acknowledge(notice=notice.pk, by=region, at=AT)
        services.forward(notice=notice.pk, to=["1301"], by=region, at=AT)
    assert remind(exam, DUE + timedelta(hours=1)) == 1 and told() == ["13"]
