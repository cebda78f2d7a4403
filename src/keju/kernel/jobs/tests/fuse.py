"""A process of its own that does some work and is killed at a chosen point, and a database that can be as it was before."""

import contextlib
import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

FAILED = 7
LONGEST = 300
"""Seconds after which work counts as stuck."""
STATEMENT, COMMIT, COMMITTED = "statement", "commit", "committed"
Point = tuple[str, int]
"""The n-th statement about to be sent, the n-th commit about to be sent, or the n-th that was done."""


class Fuse:
    """Counts the points that a process passes; it dies at one of them, if it gets there."""

    def __init__(self, dies_at: Point | None = None) -> None:
        self.passed: Counter[str] = Counter()
        self.dies_at = dies_at

    def reach(self, kind: str) -> None:
        self.passed[kind] += 1
        if self.dies_at == (kind, self.passed[kind]):
            os.kill(os.getpid(), signal.SIGKILL)

    def points(self) -> list[Point]:
        """Every point that was passed."""
        return [
            (kind, n)
            for kind in (STATEMENT, COMMIT, COMMITTED)
            for n in range(1, self.passed[kind] + 1)
        ]  # fmt: skip


SENDS = ((psycopg.Cursor, "execute"), (psycopg.Cursor, "executemany"), (psycopg.Cursor, "copy"),
         (psycopg.ServerCursor, "execute"))  # fmt: skip
"""How statements leave a process: Django's, a job's own connection's; the queue's go out by `psycopg.AsyncCursor`."""


@contextlib.contextmanager
def laid(fuse: Fuse) -> Iterator[Fuse]:
    """Inside, every statement and every commit of this process passes the fuse, whichever connection sends it."""
    commit, asked = BaseDatabaseWrapper._commit, psycopg.AsyncCursor.execute  # type: ignore[attr-defined]

    def passing(send: Callable[..., Any]) -> Callable[..., Any]:
        def sent(*args: Any, **more: Any) -> Any:
            fuse.reach(STATEMENT)
            return send(*args, **more)

        return sent

    async def asking(*args: Any, **more: Any) -> Any:
        fuse.reach(STATEMENT)
        return await asked(*args, **more)

    def committed(self: BaseDatabaseWrapper) -> None:
        fuse.reach(COMMIT)
        commit(self)
        fuse.reach(COMMITTED)

    with pytest.MonkeyPatch.context() as wire:
        for cursor, name in SENDS:
            wire.setattr(cursor, name, passing(getattr(cursor, name)))
        wire.setattr(psycopg.AsyncCursor, "execute", asking)
        wire.setattr(BaseDatabaseWrapper, "_commit", committed)
        yield fuse


def killed(work: Callable[[], object], dies_at: Point | None) -> bool:
    """A process of its own does the work, as the server's and the worker's do. Whether it was killed at that point; False: it
    never came there, and the work is done."""
    connections.close_all()  # nothing of ours is in the child's hands
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        try:
            with laid(Fuse(dies_at)):
                work()
        except BaseException:
            traceback.print_exc()
            os._exit(FAILED)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert not os.WIFSIGNALED(status) or os.WTERMSIG(status) == signal.SIGKILL, "the work was stuck"
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed: see standard error"
    return os.WIFSIGNALED(status)


class Moment:
    """The test's database as it stands now; `back` makes it so again, however often."""

    def __init__(self) -> None:
        self.now = str(connection.settings_dict["NAME"])
        self.kept = f"{self.now}_kept"
        _copy(self.now, self.kept)

    def back(self) -> None:
        _copy(self.kept, self.now)


def _copy(source: str, target: str) -> None:
    """By the administrator, as whom a test's own processes migrate."""
    connections.close_all()
    names = {"source": sql.Identifier(source), "target": sql.Identifier(target)}
    with psycopg.connect(os.environ["KEJU_DATABASE_URL"], dbname="postgres", autocommit=True) as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {target} WITH (FORCE)").format(**names))
        owner.execute(
            sql.SQL("CREATE DATABASE {target} TEMPLATE {source} STRATEGY file_copy").format(**names)
        )
