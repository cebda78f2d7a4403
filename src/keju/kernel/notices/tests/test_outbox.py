"""What is put into the outbox goes out: each message, by its channels, in the reader's language, with one key."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services
from keju.kernel.notices.gateways import Refused, Unavailable
from keju.kernel.notices.models import Delivery, Gateway, Message
from keju.kernel.notices.services.outbox import Outcome
from keju.kernel.notices.states import TRIES
from keju.kernel.notices.tests.post import (
    DOWN,
    KIND,
    WORDS,
    Clock,
    Fake,
    drained,
    fake_gateways,
    left,
    people,
    post,
    refuse,
    states,
    tell,
)
from keju.kernel.notices.tests.year import AT, ROOT, exam_of_2011, officer
from keju.kernel.offices import acting
from keju.rulebook.words import t

pytestmark = pytest.mark.django_db
NUMBER = "138 0013-8000"


@pytest.fixture
def exam(settings):
    fake_gateways(settings)
    return exam_of_2011()


@pytest.fixture
def clock():
    return Clock()


def code(to=NUMBER, channel="sms", **more):
    return services.dispatch(
        channel=channel,
        to=to,
        kind="accounts.recovery",
        words=t("验证码 4711", "Code 4711"),
        by=ROOT,
        at=AT,
        **more,
    )


def test_a_message_goes_out_by_the_channels_of_its_kind_in_the_language_of_its_reader(exam, clock):
    one, two = people((NUMBER, "one@example.org")), people(("+49 170 1234567", ""), language="en", first=2)
    assert tell(exam, one + two) == 2
    assert post("sms", clock) == 2 and post("email", clock) == 1
    chinese, english, mail = Fake.letters
    assert (chinese.to, chinese.language) == ("+8613800138000", "zh") and "我的消息" in chinese.text
    assert (english.to, english.language) == ("+491701234567", "en") and "Sign in" in english.text
    assert "石家庄" not in chinese.text  # a text message says nothing personal
    assert (mail.to, mail.subject) == ("one@example.org", "报名已确认") and WORDS.zh in mail.text
    with acting(ROOT):
        sent = Delivery.objects.get(channel="email")
    assert (sent.state, sent.provider_id, sent.closed_at, str(sent.key)) == (
        "sent",
        "id-3",
        clock.now,
        mail.key,
    )
    assert post("sms", clock) == 0


def test_each_sending_is_recorded_without_a_number_or_a_text(exam, clock):
    tell(exam, people((NUMBER, "one@example.org"), ("12", "")))
    post("sms", clock)
    with acting(ROOT):
        event = Event.objects.get(kind="notices.deliveries.settled")
        told = Event.objects.get(kind="notices.candidates.told")
    assert event.data["states"] == {"sent": 1, "given_up": 1} and event.data["faults"] == {"bad_address": 1}
    assert told.data == {"kind": KIND, "count": 2, "channels": ["sms", "email"], "going_out": 3}
    assert "13800138000" not in str(event.data) + str(told.data)


def test_who_has_no_number_is_counted_and_who_has_no_mail_is_not(exam):
    tell(exam, people(("", "")))
    assert states("sms") == [("given_up", "no_address", 0)] and states("email") == []


def test_news_of_a_kind_that_nobody_named_stays_in_the_inbox(exam):
    tell(exam, people((NUMBER, "a@example.org")), kind="something.else")
    with acting(ROOT):
        assert Message.objects.count() == 1 and not Delivery.objects.exists()


def test_in_a_rehearsal_nothing_leaves_the_house(exam, clock):
    with acting(ROOT):
        Exam.objects.update(is_rehearsal=True)
    exam.refresh_from_db()
    tell(exam, people((NUMBER, "a@example.org")))
    code(exam=exam, secret=True)
    assert post("sms", clock) == post("email", clock) == 0 and Fake.letters == []
    with acting(ROOT):
        assert Message.objects.count() == 1 and not Delivery.objects.exists()


def test_who_wants_no_mail_gets_what_is_essential(exam):
    (one,) = people((NUMBER, "a@example.org"))
    with acting(ROOT):
        actor = candidate_actor(Candidate.objects.get(pk=one))
    with acting(actor):
        services.silence(wanted=True, by=actor, at=AT)
        services.silence(wanted=True, by=actor, at=AT)
    tell(exam, [one], kind="review.second.passed")
    assert states("email") == []
    tell(exam, [one], kind="review.first.failed")
    assert len(states("email")) == 1
    with acting(actor):
        services.silence(wanted=False, by=actor, at=AT)
    tell(exam, [one], kind="review.second.passed")
    assert len(states("email")) == 2
    with acting(ROOT):
        assert [e.data for e in Event.objects.filter(kind="notices.silence.set").order_by("id")].count(
            {"silent": True}
        ) == 2


def test_a_code_overtakes_the_bulk_and_is_wiped_once_it_is_gone(exam, clock):
    tell(exam, people((NUMBER, ""), ("13900139000", "")))
    number = code(secret=True)
    with acting(ROOT):
        kept = Delivery.objects.get(pk=number)
    assert kept.body == "验证码 4711"
    with connection.cursor() as cursor, acting(ROOT):
        cursor.execute("SELECT body, address FROM notices_delivery WHERE id = %s", [number])
        assert all(b"4711" not in bytes(v) and b"138" not in bytes(v) for v in cursor.fetchone())
    post("sms", clock)
    assert "4711" in Fake.letters[0].text and len(Fake.letters) == 3
    with acting(ROOT):
        gone = Delivery.objects.get(pk=number)
        events = list(Event.objects.values_list("data", flat=True))
    assert (gone.state, gone.body, gone.subject) == ("sent", "", "")
    assert "4711" not in str(events) and "8000" not in str(events)


def test_a_code_that_is_too_old_is_not_sent(exam, clock):
    code(secret=True, until=clock.now)
    post("sms", clock)
    assert Fake.letters == [] and states() == [("given_up", "too_late", 1)]


def test_a_code_rolled_back_is_never_sent(exam, clock):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        code(secret=True)
        1 / 0  # noqa: B018
    assert post("sms", clock) == 0 and Fake.letters == []


def test_the_sender_is_woken_by_the_commit_and_once(exam, django_capture_on_commit_callbacks):
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'keju.post'"
    for expected in (1, 1):
        with django_capture_on_commit_callbacks(execute=True):
            code()
        with connection.cursor() as cursor:
            cursor.execute(jobs)
            assert cursor.fetchone() == (expected,)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12",
        "010-12345678",
        "1380013800x",
        "+8612345678901",
        "１３８００１３８０００",
        "13800138000,13900139000",
    ],
)
def test_a_number_that_is_none_is_given_up_and_not_handed_over(exam, clock, typed):
    code(to=typed)
    post("sms", clock)
    assert Fake.letters == [] and states()[0][:2] == ("given_up", "bad_address")


@pytest.mark.parametrize(
    "typed",
    [
        "a",
        "a@b",
        "a@example.org\nBcc: b@example.org",
        "a@example.org,b@example.org",
        "a@example.org\r",
        'x" <a@example.org>',
        "中@example.org",
    ],
)
def test_an_address_that_is_none_is_given_up_and_not_handed_over(exam, clock, typed):
    code(to=typed, channel="email")
    post("email", clock)
    assert Fake.letters == [] or (Fake.letters[0].to == "a@example.org" and typed.strip() == "a@example.org")
    if typed.strip() != "a@example.org":
        assert states("email")[0][:2] == ("given_up", "bad_address")


def test_what_failed_is_tried_again_later_with_the_same_key_and_given_up_in_the_end(exam, clock):
    code()
    Fake.act = staticmethod(refuse(DOWN))
    keys = set()
    for n in range(1, TRIES + 1):
        assert post("sms", clock) == 1
        state = states()[0]
        assert state == ("failed" if n < TRIES else "given_up", "http_503", n)
        with acting(ROOT):
            row = Delivery.objects.get()
        keys.add(row.key)
        assert post("sms", clock) == 0  # not before its time
        if n < TRIES:
            assert row.due_at > clock.now
            clock.now = max(row.due_at, clock.now) + (row.due_at - clock.now)
    assert len(keys) == 1 and post("sms", clock) == 0


def test_what_is_refused_is_given_up_at_once(exam, clock):
    code()
    Fake.act = staticmethod(refuse(Refused("http_422")))
    post("sms", clock)
    assert states() == [("given_up", "http_422", 1)]


def test_an_outage_costs_a_message_few_of_its_tries_and_none_is_lost(exam, clock):
    tell(exam, people(*[(f"138001380{n:02d}", "") for n in range(20)]))
    Fake.act = staticmethod(refuse(DOWN))
    assert post("sms", clock) == 20
    assert sorted(states())[0] == ("failed", "http_503", 1) and sum(s[2] for s in states()) == 1
    assert post("sms", clock) == 0  # the gateway is left alone
    with acting(ROOT):
        assert Gateway.objects.get().fault == "http_503"
    for _ in range(6 * 24):
        clock.wind(minutes=10)
        post("sms", clock)
    assert {s[0] for s in states()} <= {"failed", "queued"}  # a day of it
    Fake.act = staticmethod(lambda letter, n: None)
    drained("sms", clock)
    assert {s[0] for s in states()} == {"sent"}
    assert len({letter.key for letter in Fake.letters}) == len(Fake.letters) == 20
    with acting(ROOT):
        assert (Gateway.objects.get().failures, Gateway.objects.get().fault) == (0, "")


def test_a_gateway_that_says_when_is_asked_then(exam, clock):
    code()
    Fake.act = staticmethod(refuse(Unavailable("http_429", 1800)))
    post("sms", clock)
    clock.wind(minutes=29)
    assert post("sms", clock) == 0
    clock.wind(minutes=2)
    assert post("sms", clock) == 1


def test_whatever_an_adapter_throws_is_a_failure_and_no_word_of_the_letter_is_logged(exam, clock, caplog):
    code()
    Fake.act = staticmethod(refuse(RuntimeError("13800138000 验证码 4711")))
    post("sms", clock)
    assert (
        states() == [("failed", "adapter_error", 1)]
        and "4711" not in caplog.text
        and "13800138000" not in caplog.text
    )


def test_a_gateway_that_cannot_be_made_holds_everything_back(exam, clock, settings, caplog):
    code()
    fake_gateways(settings, adapter="http", url="http://example.org/", account="", secret="x")
    post("sms", clock)
    assert states() == [("failed", "misconfigured", 1)] and left("sms") == 1


def test_one_message_one_delivery_by_each_channel(exam):
    tell(exam, people((NUMBER, "")))
    with acting(ROOT):
        row = Delivery.objects.get(channel="sms")
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_the_database_keeps_a_secret_from_staying(exam):
    number = code(secret=True)
    with acting(ROOT), pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=number).update(state="sent", closed_at=AT)


def test_what_was_given_up_waits_again_when_the_office_asks(exam, clock):
    one, two = people((NUMBER, "")), people(("13900139000", ""), first=2)
    tell(exam, one)
    tell(exam, two, path="/11/")
    Fake.act = staticmethod(refuse(Refused("http_422")))
    post("sms", clock)
    region = officer("13")
    with acting(region):
        assert services.ask_again(exam=exam, kind=KIND, channel="sms", by=region, at=AT) == 1
    assert sorted(states()) == [("given_up", "http_422", 1), ("queued", "", 0)]
    Fake.act = staticmethod(lambda letter, n: None)
    post("sms", clock)
    assert sorted(s[0] for s in states()) == ["given_up", "sent"]
    with acting(ROOT):
        assert Event.objects.get(kind="notices.deliveries.asked_again").data["count"] == 1


def test_an_office_sees_its_deliveries_and_a_candidate_their_own(exam):
    one, two = people((NUMBER, ""), ("13900139000", ""))
    tell(exam, [one])
    tell(exam, [two], path="/11/")
    for viewer, seen in ((officer("13"), 1), (officer("1301"), 0), (officer("centre"), 2)):
        with acting(viewer):
            assert Delivery.objects.count() == seen
    with acting(ROOT):
        actor = candidate_actor(Candidate.objects.get(pk=two))
    with acting(actor):
        assert [d.candidate_id for d in Delivery.objects.all()] == [two]
        assert Delivery.objects.update(state="sent", closed_at=AT) == 0


def test_three_are_told_in_as_many_statements_as_one(exam):
    ids = people(*[(f"1380013800{n}", "a@example.org") for n in range(3)])
    counts = []
    for some in (ids[:1], ids):
        with CaptureQueriesContext(connection) as statements:
            tell(exam, some)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_fifty_are_sent_in_as_many_statements_as_one(exam, clock):
    counts = []
    for n in (1, 50):
        tell(exam, people(*[(f"138001380{i:02d}", "") for i in range(n)]))
        with CaptureQueriesContext(connection) as statements:
            assert post("sms", clock) == n
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_two_workers_never_have_the_same_message_and_keep_to_one_pace(exam, clock):
    tell(exam, people(*[(f"138001380{n:02d}", "") for n in range(4)]))
    first, starts = services.claim(channel="sms", most=3, per_second=0.5, at=clock.now)
    second, then = services.claim(channel="sms", most=3, per_second=0.5, at=clock.now)
    assert {one.id for one in first} & {one.id for one in second} == set() and len(first + second) == 4
    assert (starts, then) == (clock.now, clock.now + timedelta(seconds=6))


def test_who_is_far_too_early_takes_nothing(exam, clock):
    tell(exam, people(*[(f"138001380{n:02d}", "") for n in range(3)]))
    services.claim(channel="sms", most=2, per_second=0.01, at=clock.now)
    assert services.claim(channel="sms", most=2, per_second=0.01, at=clock.now)[0] == []


def test_one_that_comes_too_late_changes_nothing_that_is_closed(exam, clock):
    code()
    (slow,), _ = services.claim(channel="sms", most=1, per_second=1e6, at=clock.now)
    clock.wind(minutes=6)
    assert post("sms", clock) == 1
    late = Outcome(slow.id, slow.attempts, "+8613800138000", fault="timeout")
    services.settle(channel="sms", outcomes=[late], gateway="fake", by=ROOT, at=clock.now)
    assert states() == [("sent", "", 2)]
