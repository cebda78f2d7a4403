"""Notices go down the tree, each with a receipt; unread recipients are listed; nobody sees another region's."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.notices import queries, services
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.notices.tests.year import AT, ROOT, exam_of_2011, officer
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t

pytestmark = pytest.mark.django_db
TITLE = t("关于做好2011年报名工作的通知", "Registration 2011")
BODY = t("请各考区……", "All regions …")
LATER = AT + timedelta(days=2)


@pytest.fixture
def exam():
    return exam_of_2011()


def send(exam, by="office", to=("11", "13"), **more):
    with acting(officer(by)):
        return services.send(exam=exam, title=TITLE, body=BODY, to=to, by=officer(by), at=AT, **more)


def act(fn, by, notice, at=LATER, **more):
    with acting(officer(by)):
        return fn(notice=notice.pk, by=officer(by), at=at, **more)


def receipts(notice):
    with acting(ROOT):
        return {r.office_code: r for r in Receipt.objects.filter(notice=notice)}


def opened(exam, by, notice, at=LATER):
    with acting(officer(by)):
        return queries.notice(viewer=officer(by), exam=exam, notice=notice.pk, at=at)


def inbox(exam, by, at=LATER, after=""):
    with acting(officer(by)):
        return queries.inbox(viewer=officer(by), exam=exam, at=at, after=after)


@pytest.mark.rule("V3.2")
def test_a_notice_is_delivered_down_the_tree_and_each_recipient_acknowledges(exam):
    notice = send(exam)
    assert set(receipts(notice)) == {"11", "13"}
    assert all(r.delivered_at == AT and r.read_at is None for r in receipts(notice).values())
    act(services.open_notice, "13", notice)
    act(services.acknowledge, "13", notice, at=LATER + timedelta(hours=1))
    done = receipts(notice)["13"]
    assert (done.read_at, done.read_by) == (LATER, "person:13")
    assert (done.acknowledged_at, done.acknowledged_by) == (LATER + timedelta(hours=1), "person:13")
    assert receipts(notice)["11"].read_at is None
    with acting(ROOT):
        kinds = list(
            Event.objects.filter(subject=f"notice:{notice.pk}").order_by("at").values_list("kind", "rules")
        )
    assert kinds == [
        ("notices.notice.sent", ["V3.2"]),
        ("notices.notice.read", ["V3.2"]),
        ("notices.notice.acknowledged", ["V3.2"]),
    ]


@pytest.mark.rule("V3.2")
def test_unread_recipients_are_listed_first(exam):
    notice = send(exam, to=("11", "13", "44"))
    act(services.acknowledge, "11", notice)
    act(services.open_notice, "13", notice)
    found = opened(exam, "office", notice)
    assert [(i.receipt.office_code, i.state) for i in found.recipients] == [
        ("44", "unread"),
        ("13", "read"),
        ("11", "acknowledged"),
    ]
    assert found.unread == 1 and found.readable and str(found.sender) == "考试管理办公室"


@pytest.mark.rule("V3.2")
def test_a_region_forwards_to_its_points_and_the_sender_sees_how_far_it_got(exam):
    notice = send(exam)
    assert act(services.forward, "13", notice, to=["1301", "1302"]) == 2
    assert act(services.forward, "13", notice, to=["1301", "1303"]) == 1
    assert receipts(notice)["1301"].from_code == "13"
    act(services.open_notice, "1302", notice, at=LATER)
    states = {i.receipt.office_code: i.state for i in opened(exam, "office", notice).recipients}
    assert states == {"11": "unread", "13": "unread", "1301": "unread", "1302": "read", "1303": "unread"}
    with acting(officer("13")):
        (sent,) = queries.outbox(viewer=officer("13"), exam=exam).rows
    assert (sent.recipients, sent.read, sent.unread, sent.acknowledged) == (3, 1, 2, 0)
    assert str(inbox(exam, "1301").pressing[0].sender) == "河北省"


def test_the_first_reader_stays_the_first_and_a_second_acknowledgement_changes_nothing(exam):
    notice = send(exam)
    act(services.open_notice, "13", notice)
    act(services.open_notice, "13", notice, at=LATER + timedelta(days=1))
    act(services.acknowledge, "13", notice)
    act(services.acknowledge, "13", notice, at=LATER + timedelta(days=1))
    own = receipts(notice)["13"]
    assert (own.read_at, own.acknowledged_at) == (LATER, LATER)


def test_a_recipient_opens_it_before_the_text_is_shown(exam):
    notice = send(exam)
    assert not opened(exam, "13", notice).readable
    act(services.open_notice, "13", notice)
    assert opened(exam, "13", notice).readable


@pytest.mark.parametrize(
    ("by", "to"), [("13", "1101"), ("13", "11"), ("13", "centre"), ("13", "13"), ("1301", "13")]
)
def test_a_notice_goes_down_only(exam, by, to):
    with pytest.raises(ValidationError):
        send(exam, by=by, to=[to])


def test_it_needs_a_recipient_that_exists_and_the_permission(exam):
    for to in ([], ["9999"]):
        with pytest.raises(ValidationError):
            send(exam, to=to)
    reader = officer("13", "notices:notice:read")
    with acting(reader), pytest.raises(NotPermitted):
        services.send(exam=exam, title=TITLE, body=BODY, to=["1301"], by=reader, at=AT)
    with acting(ROOT):
        assert not Notice.objects.exists()


def test_a_stage_reports_upwards_with_deliver(exam):
    point = officer("1301")
    with acting(point):
        services.deliver(exam=exam, title=TITLE, body=BODY, to=["13"], by=point, at=AT, kind="report")
    assert inbox(exam, "13").pressing[0].receipt.notice.kind == "report"


@pytest.mark.rule("V3.2")
def test_no_office_sees_notices_of_another_branch(exam):
    mine, theirs = send(exam, by="13", to=["1301"]), send(exam, by="11", to=["1101"])
    seen = {}
    for code in ("13", "1301", "1302", "11", "44", "centre"):
        with acting(officer(code)):
            seen[code] = {n.pk for n in Notice.objects.all()}
            assert {r.notice_id for r in Receipt.objects.all()} == seen[code]
    both = {mine.pk, theirs.pk}
    assert seen == {
        "13": {mine.pk}, "1301": {mine.pk}, "1302": set(), "11": {theirs.pk}, "44": set(), "centre": both,
    }  # fmt: skip
    with acting(Actor.anybody()):
        assert not Notice.objects.exists()
    with acting(officer("13")), pytest.raises(NotPermitted):
        queries.notice(viewer=officer("13"), exam=exam, notice=theirs.pk, at=LATER)
    with pytest.raises(NotPermitted):
        act(services.acknowledge, "13", theirs)
    with pytest.raises(NotPermitted):
        act(services.forward, "44", mine, to=["4401"])


def test_a_point_sees_of_a_national_notice_its_own_receipt_alone(exam):
    notice = send(exam, to=["11", "13", "1301"])
    found = opened(exam, "1301", notice)
    assert found.recipients == [] and found.own is not None
    with acting(officer("1301")):
        assert Notice.objects.filter(pk=notice.pk).update(body_zh="changed") == 0


def test_late_and_unread_come_first_in_the_inbox(exam):
    calm, urgent, unread = (
        send(exam, answer_by=None),
        send(exam, answer_by=AT + timedelta(days=1)),
        send(exam, answer_by=AT + timedelta(days=9)),
    )
    for notice in (calm, urgent):
        act(services.open_notice, "13", notice, at=AT)
    found = inbox(exam, "13")
    assert [(i.receipt.notice_id, i.state) for i in found.pressing] == [
        (urgent.pk, "late"),
        (unread.pk, "unread"),
    ]
    assert [(i.receipt.notice_id, i.state) for i in found.rest] == [(calm.pk, "read")]
    assert found.unread == 1 and found.shown == 3
    act(services.acknowledge, "13", urgent)
    assert [i.receipt.notice_id for i in inbox(exam, "13").pressing] == [unread.pk]


def test_the_rest_of_the_inbox_is_paged_by_key(exam, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for _ in range(5):
        act(services.acknowledge, "13", send(exam))
    seen, after = [], ""
    while True:
        page = inbox(exam, "13", after=after)
        seen += [i.receipt.pk for i in page.rest]
        after = page.next
        if not after:
            break
    assert len(seen) == 5 and seen == sorted(seen, reverse=True)


def test_the_database_refuses_an_acknowledgement_of_what_was_not_read(exam):
    notice = send(exam)
    with acting(ROOT), pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.filter(notice=notice).update(acknowledged_at=LATER)


def test_who_may_be_chosen_is_directly_below(exam):
    assert len(queries.recipients_of(officer("office"))) == 31
    assert {o.code for o in queries.recipients_of(officer("13"))} >= {"1301", "1302"}
    assert len(queries.all_below(officer("office"))) > 300
    assert queries.recipients_of(officer("1301")) == []
