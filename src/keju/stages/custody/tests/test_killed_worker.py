"""The worker's whole process is killed, at its queue's statements too; another takes its work up: nothing lost, nothing twice."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from keju.kernel.audit.verification import verify
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import jobs as tasks
from keju.kernel.jobs import periodic, running, services
from keju.kernel.jobs.models import Job
from keju.kernel.jobs.tests.fuse import COMMIT, COMMITTED, STATEMENT, Moment, Point, killed
from keju.kernel.jobs.worker import run_worker
from keju.kernel.offices import acting
from keju.stages.custody.jobs import MAKE_ALL
from keju.stages.custody.queries.verifying import broken
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests.hands import SYSTEM
from keju.stages.custody.tests.killing import Work, thoroughly
from keju.stages.custody.tests.picture import picture
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, key

MADE = 5
"""With which of its commits the job has made the papers."""
MOST = 2000

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.nightly]


Points = Callable[[int], Iterator[Point]]
"""With which of its commits the papers are made → where workers are killed."""


def around(made: int) -> Iterator[Point]:
    """When the papers are written but not committed, and when only the rest of the worker's duties is left."""
    yield from ((COMMIT, made), (COMMITTED, made))


def everywhere(_: int) -> Iterator[Point]:
    """As many points as the worker may ever come to."""
    for kind in (STATEMENT, COMMIT, COMMITTED):
        yield from ((kind, n) for n in range(1, MOST))


def work() -> None:
    run_worker(1, wait=False)


def another(job: Job) -> None:
    """Half a minute later: another worker's clock finds what the dead one left, and that worker does it."""

    async def rescued() -> int:
        async with app.open_async():
            return await periodic.rescue(app)

    for _ in range(20):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            asyncio.run(rescued())
        services.resume_lost(by=SYSTEM, at=MADE_AT)
        with (
            connection.cursor() as cursor
        ):  # who found the dead one's connection still open waits half a minute
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        work()
        if state(job) == "done":
            return


def state(job: Job) -> str:
    with acting(SYSTEM):
        return Job.objects.get(pk=job.pk).state


def queued() -> int:
    """How many times the queue still knows of such work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'keju.run'")
        (found,) = cursor.fetchone() or (0,)
    return int(found)


@pytest.mark.rule("V9.1")
@pytest.mark.parametrize("points", [around, everywhere])
def test_a_worker_killed_anywhere_makes_all_papers_once(
    confirmed: Exam, points: Points, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = confirmed
    monkeypatch.setattr(tasks, "every_minute", list)  # the clock has a test of its own
    with acting(CENTRE_PAPERS):
        job = services.start(MAKE_ALL, exam=exam, key=str(key("make all")), by=CENTRE_PAPERS, at=MADE_AT)
    before = picture(exam)
    with transaction.atomic():
        running.run_here(job)
        after = picture(exam)
        transaction.set_rollback(True)
    beginning = Moment()
    deaths, over = 0, ""
    for point in points(MADE):
        if point[0] == over:
            continue
        if not killed(work, point):
            over = point[0]  # it never comes so far
            assert picture(exam) == after and state(job) == "done"
        else:
            deaths += 1
            assert picture(exam) in (before, after), point
            assert not killed(lambda: another(job), None)
            assert picture(exam) == after and state(job) == "done", point
            assert queued() == 0
        beginning.back()
    assert deaths == 2 or (deaths > 100 and over == COMMITTED)


def test_without_whoever_looks_for_the_dead_their_work_is_lost(
    confirmed: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "every_minute", list)
    with acting(CENTRE_PAPERS):
        job = services.start(MAKE_ALL, exam=confirmed, key=str(key("make all")), by=CENTRE_PAPERS, at=MADE_AT)
    before = picture(confirmed)
    assert killed(work, (COMMIT, MADE))
    assert not killed(work, None)
    assert state(job) == "running" and picture(confirmed) == before
    assert not killed(lambda: another(job), None)
    assert state(job) == "done" and picture(confirmed) != before


@pytest.mark.rule("V11.1", "V16.1.1")
def test_the_clocks_minute_killed_anywhere_tells_each_alarm_once(
    exam: Exam, tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHECKPOINTS_ROOT = tmp_path / "checkpoints"  # type: ignore[attr-defined]
    days.day(exam)
    late = days.starts(exam) - timedelta(minutes=30)
    monkeypatch.setattr(periodic, "now", lambda *_: late)

    def minute() -> None:
        done = periodic.every_minute()
        assert {f"custody:{exam.slug}", f"cards:{exam.slug}", f"duties:{exam.slug}", "audit"} <= set(done)

    thoroughly(exam, Work(minute))
    with acting(SYSTEM):
        assert list(broken(exam)) == []
        assert verify(tmp_path / "none").sound
