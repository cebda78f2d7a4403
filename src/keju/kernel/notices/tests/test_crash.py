"""A sender dies between sending and keeping it: the message goes out again under the same key, never not at all."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.sealed import seal
from keju.kernel.calendar import now
from keju.kernel.jobs.tests.fuse import COMMIT, COMMITTED, STATEMENT, Moment, killed
from keju.kernel.notices import gateways, sending
from keju.kernel.notices.models import Delivery
from keju.kernel.notices.states import LEASE
from keju.kernel.notices.tests.gateway import SECRET, Seen, http_gateway, until
from keju.kernel.notices.tests.post import Clock, Fake, fake_gateways, people, post, tell
from keju.kernel.notices.tests.year import AT, ROOT, exam_of_2011
from keju.kernel.offices import acting
from keju.kernel.offices.bulk import insert_rows_returning


@pytest.fixture
def gateway(transactional_db: None, settings, monkeypatch) -> Iterator[Seen]:
    with http_gateway() as (url, seen):
        monkeypatch.setenv("KEJU_SMS_URL", url)
        monkeypatch.setenv("KEJU_SMS_SECRET", SECRET)
        monkeypatch.setenv("KEJU_SMS_PARALLEL", "1")
        fake_gateways(settings, adapter="http", url=url, account="", secret=SECRET)
        yield seen
    gateways.gateway.cache_clear()


@contextmanager
def victim(order: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "keju.kernel.notices.tests.victim", order]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "keju.web.settings"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def later() -> Clock:
    """Past the lease of whoever took a delivery just now."""
    clock = Clock()
    clock.now = now() + LEASE + timedelta(seconds=1)
    return clock


def state() -> tuple[str, int]:
    with acting(ROOT):
        row = Delivery.objects.get()
    return row.state, row.attempts


def test_killed_after_sending_it_sends_again_with_the_same_key(gateway):
    tell(exam_of_2011(), people(("13800138000", "")))
    gateway.sleep = 60.0
    with victim("right"):
        until(lambda: len(gateway.requests) == 1, 60)
    gateway.sleep = 0.0
    assert state() == ("queued", 1)  # nobody kept that it went out
    assert sending.round_of("sms", clock=now) == 0  # and for a while it is the dead one's
    assert post("sms", later()) == 1
    assert state() == ("sent", 2)
    first, second = (body["id"] for body in gateway.bodies)
    assert first == second and len(gateway.requests) == 2


@pytest.mark.nightly
def test_killed_before_any_statement_of_a_round_each_message_goes_out_and_is_kept_once(gateway):
    """At its gateway one may arrive twice, under one key; what is kept is one sending of each."""
    exam, keys = exam_of_2011(), {"13800138000", "13800138001", "13800138002"}
    tell(exam, people(*((number, "") for number in sorted(keys))))
    beginning = Moment()
    deaths = 0
    for kind in (STATEMENT, COMMIT, COMMITTED):
        for n in itertools.count(1):
            beginning.back()
            gateway.requests.clear()
            reached = killed(lambda: sending.round_of("sms", clock=now), (kind, n))
            deaths += reached
            clock = later()
            while post("sms", clock):
                pass
            with acting(ROOT):
                rows = list(Delivery.objects.values_list("state", flat=True))
            assert rows == ["sent"] * len(keys), (kind, n)
            assert len({body["id"] for body in gateway.bodies}) == len(keys) <= len(gateway.requests)
            if not reached:
                break
    assert deaths > 10


def test_with_the_order_turned_round_a_message_is_lost(gateway):
    tell(exam_of_2011(), people(("13800138000", "")))
    with victim("wrong") as process:
        assert process.stdout is not None and process.stdout.readline() == b"kept\n"
    assert state() == ("sent", 1) and post("sms", later()) == 0
    assert gateway.requests == []  # which is what must never be


def many(exam, count: int) -> None:
    columns = ("identity_index", "identity", "name", "phone", "made_at")
    phone = seal("13800138000")
    rows = ((n.to_bytes(16, "big"), phone, f"考生{n}", phone, AT) for n in range(count))
    with acting(ROOT):
        ids = insert_rows_returning(Candidate._meta.db_table, columns, rows)
    assert tell(exam, ids) == count


def all_sent_once(exam, count: int) -> None:
    """Every tenth answer of the gateway is lost on the way: some go out twice, each arrives."""

    def act(letter, n):
        if n % 10 == 3:
            Fake.letters.append(letter)
            raise gateways.Unavailable("timeout")

    Fake.act = staticmethod(act)
    many(exam, count)
    clock, rounds = Clock(), 0
    while rounds < 20 * count:
        rounds += 1
        if not post("sms", clock):
            clock.wind(minutes=30)
            with acting(ROOT):
                if not Delivery.objects.filter(state__in=["queued", "failed"]).exists():
                    break
    with acting(ROOT):
        assert Delivery.objects.filter(state="sent", channel="sms").count() == count
    assert len({letter.key for letter in Fake.letters}) == count


@pytest.mark.django_db
def test_three_hundred_each_arrive(settings):
    fake_gateways(settings, parallel=4)
    all_sent_once(exam_of_2011(), 300)


@pytest.mark.nightly
@pytest.mark.django_db
def test_ten_thousand_each_arrive(settings):
    fake_gateways(settings, parallel=4)
    all_sent_once(exam_of_2011(), 10_000)
