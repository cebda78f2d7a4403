"""Where a run's state is written: beside the work's own transaction, so that a page sees it at once."""

import json
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import psycopg
from django.db import connection

from keju.kernel.calendar import now
from keju.kernel.jobs.models import Job
from keju.kernel.offices import Actor, acting

SHOW = """
UPDATE jobs_job SET done = %(done)s, total = %(total)s, skipped = %(skipped)s, errors = %(errors)s,
  error_count = %(error_count)s, note_zh = %(note_zh)s, note_en = %(note_en)s, result = %(result)s, seen_at = %(seen_at)s
WHERE id = %(id)s RETURNING cancel_asked
"""
SCOPE = "SELECT set_config('keju.path', '/', true)"


# A worker that lost its machine must not hold its job for the server's usual two hours.
KEEPALIVE = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
HOLD = "SELECT pg_try_advisory_lock(%s)"
HOLD_FROM = 0x6B656A7600000000  # job numbers follow


class StillRunning(Exception):
    """Another worker holds this job: it was thought dead and is not. Try again later."""


class OwnConnection:
    """A second connection, so that progress is committed whatever becomes of the work's transaction.

    It also holds the job: while it is open, no other worker runs the same one.
    """

    def __init__(self, job_id: int) -> None:
        self._id = job_id
        params = connection.get_connection_params()
        params = {k: v for k, v in params.items() if k not in {"cursor_factory", "context"}}
        self._connection = psycopg.connect(**params, autocommit=True)

    def __enter__(self) -> Self:
        self._connection.execute(KEEPALIVE)
        row = self._connection.execute(HOLD, [HOLD_FROM + self._id]).fetchone()
        if row is None or not row[0]:
            self._connection.close()
            raise StillRunning
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._connection.close()

    def show(self, changes: Mapping[str, Any]) -> bool:
        values = {**changes, "errors": json.dumps(changes["errors"]), "id": self._id, "seen_at": _seen()}
        with self._connection.transaction():
            self._connection.execute(SCOPE)
            row = self._connection.execute(SHOW, values).fetchone()
        return row is not None and bool(row[0])


class SameConnection:
    """In the caller's transaction: for tests and `run_now`."""

    def __init__(self, job_id: int) -> None:
        self._id = job_id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        return None

    def show(self, changes: Mapping[str, Any]) -> bool:
        with acting(Actor.system("jobs")):
            Job.objects.filter(pk=self._id).update(**changes, seen_at=_seen())
            return bool(Job.objects.values_list("cancel_asked", flat=True).get(pk=self._id))


def _seen() -> datetime:
    return now()
