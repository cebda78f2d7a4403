"""Long work: started once, seen, stopped, failed with a sentence, resumed after a crash."""

import os
import subprocess
import sys
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from keju.kernel.calendar import CHINA
from keju.kernel.jobs import boards, periodic, progress, queries, services
from keju.kernel.jobs.models import OPEN, TRANSITIONS, Job, State
from keju.kernel.jobs.tests import kinds  # noqa: F401  registers them
from keju.kernel.jobs.worker import run_worker
from keju.kernel.offices import Actor, acting

AT = datetime(2026, 3, 1, 9, tzinfo=CHINA)
BEIJING = Actor(ref="person:1", name="甲", role="region_officer", office_code="11", office_path="/11/", person_id=1,
                permissions=frozenset({"a:b:c"}))  # fmt: skip
HEBEI = Actor(
    ref="person:2", name="乙", role="region_officer", office_code="13", office_path="/13/", person_id=2
)
SYSTEM = Actor.system("test")


def start(kind="tests.count", by=BEIJING, **args):
    with acting(by):
        return services.start(kind, by=by, at=AT, **args)


def again(job):
    with acting(SYSTEM):
        return Job.objects.get(pk=job.pk)


def events(kind):
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event WHERE kind = %s", [kind])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_a_job_runs_counts_and_leaves_its_result():
    job = services.run_now(start(upto=95))
    assert (job.state, job.done, job.skipped, job.total, job.error_count) == ("done", 86, 9, 95, 9)
    assert job.errors[0] == {"where": "10", "zh": "第10个不好", "en": "10 is bad"} and len(job.result) == 64
    assert job.percent == 100 and events("jobs.job.started") == events("jobs.job.done") == 1


@pytest.mark.django_db
def test_two_clicks_start_one_and_later_it_may_run_again():
    first, second = start(upto=5), start(upto=5)
    assert first.pk == second.pk and start(upto=6).pk != first.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'keju.run'")
        assert cursor.fetchone() == (2,)
    services.run_now(first)
    assert start(upto=5).pk != first.pk


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_started():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        start(upto=5)
        raise ZeroDivisionError
    with acting(SYSTEM):
        assert not Job.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_a_bug_is_a_calm_sentence_and_never_its_inside():
    job = services.run_now(start(upto=50, fail_at=25))
    assert job.state == "failed" and "重新开始" in job.note_zh and "secret" not in job.note_zh + job.note_en
    assert job.done + job.skipped == 24


@pytest.mark.django_db
def test_work_that_miscounts_is_not_called_done():
    job = services.run_now(start(upto=50, short=3))
    assert job.state == "failed" and "47" not in job.note_zh.replace("43", "") and "50" in job.note_zh


@pytest.mark.django_db
def test_an_unknown_kind_is_refused():
    with pytest.raises(ValidationError):
        start("tests.nothing")


@pytest.mark.django_db
def test_cancelled_before_it_began_it_never_runs():
    job = start(upto=5)
    with acting(BEIJING):
        services.cancel(job=job, by=BEIJING, at=AT)
    assert services.run_now(again(job)).state == "cancelled" and again(job).attempts == 0


@pytest.mark.django_db
def test_cancelled_while_running_it_stops_at_the_next_step(monkeypatch):
    job = start(upto=1000)
    monkeypatch.setattr(progress, "EVERY", 0)
    original, shown = boards.SameConnection.show, []

    def show(self, changes):
        shown.append(changes["done"])
        if len(shown) == 100:
            with acting(BEIJING):
                services.cancel(job=again(job), by=BEIJING, at=AT)
        return original(self, changes)

    monkeypatch.setattr(boards.SameConnection, "show", show)
    job = services.run_now(job)
    assert job.state == "cancelled" and job.done + job.skipped == 99 and "停止" in job.note_zh


@pytest.mark.django_db
def test_seen_by_its_office_and_its_starter_only():
    job = start(upto=5)
    with acting(BEIJING):
        assert queries.job(job.public, viewer=BEIJING).pk == job.pk
    with acting(HEBEI), pytest.raises(Job.DoesNotExist):
        queries.job(job.public, viewer=HEBEI)
    with acting(HEBEI):
        assert not Job.objects.exists()


@pytest.mark.django_db
def test_the_database_knows_the_states_too():
    for state in State:
        assert state in TRANSITIONS
    assert {s for s in State if TRANSITIONS[s]} == set(OPEN)
    job = start(upto=5)
    with acting(SYSTEM), pytest.raises(Exception, match="jobs_ended"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="done")


@pytest.mark.django_db(transaction=True)
def test_the_worker_restores_actor_and_language_and_progress_is_seen_from_outside():
    from keju.rulebook.words import speaking

    with speaking("en"):
        job = start(upto=95)
    run_worker(2, wait=False)
    job = again(job)
    assert (job.state, job.done, job.language, job.attempts) == ("done", 86, "en", 1)
    assert job.actor["permissions"] == ["a:b:c"]


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_does_nothing_twice(tmp_path):
    hook = tmp_path / "killed"
    job = start("tests.pieces", upto=40, hook=str(hook))
    code = (
        "import django; django.setup(); from keju.kernel.jobs.tests import kinds;"
        "from keju.kernel.jobs.worker import run_worker; run_worker(1, wait=False)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "keju.web.settings"}
    killed = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, timeout=60, check=False
    )
    assert killed.returncode == -9 and hook.exists(), killed.stderr.decode()[-2000:]
    assert again(job).state == "running"
    with connection.cursor() as cursor:  # half a minute without a heartbeat
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    rescue()
    run_worker(1, wait=False)
    job = again(job)
    assert (job.state, job.done, job.attempts) == ("done", 40, 2)
    assert events("tests.piece.marked") == 40


def rescue():
    import asyncio

    from procrastinate.contrib.django import app

    async def go():
        async with app.open_async():
            return await periodic.rescue(app)

    # a second one where the minute turned: the clockwork's own job was cut off with it
    with app.replace_connector(app.connector.get_worker_connector()):
        assert asyncio.run(go()) in (1, 2)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_the_queue_lost_waits_again():
    job = start(upto=5)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert services.resume_lost(by=SYSTEM, at=AT) == 1
    assert services.resume_lost(by=SYSTEM, at=AT) == 0
    run_worker(1, wait=False)
    assert again(job).state == "done" and events("jobs.lost.resumed") == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_run_the_same_job():
    job = start(upto=5)
    with boards.OwnConnection(job.pk):
        with pytest.raises(boards.StillRunning), boards.OwnConnection(job.pk):
            pass
    with boards.OwnConnection(job.pk):
        pass


@pytest.mark.django_db(transaction=True)
def test_every_minute_gives_waiting_events_their_place_in_the_log():
    start(upto=1)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_pending")
        assert cursor.fetchone()[0] > 0
    assert "audit" in periodic.every_minute()  # outside any scope, as the worker runs it
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM audit_pending), (SELECT count(*) FROM audit_event),"
            " (SELECT max(size) FROM audit_checkpoint)"
        )
        waiting, events_, signed = cursor.fetchone()
    assert waiting == 0 and signed == events_


@pytest.mark.django_db
def test_every_minute_calls_what_is_there_and_one_failure_spares_the_others(monkeypatch):
    assert "jobs" in periodic.every_minute()
    called = []
    monkeypatch.setattr(
        periodic, "_calls", lambda: iter([("bad", lambda: 1 / 0), ("good", lambda: called.append(1))])
    )
    assert periodic.every_minute() == ["good"] and called == [1]
