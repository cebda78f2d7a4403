"""Pytest plugin (`-p keju.web.installation.testing`): a data folder and databases of the test run's own.

It has to be loaded before Django's settings, hence not in a conftest. The first process makes a folder below
the temp directory and removes it at the end; xdist's workers inherit it. A server is started only when a
test asks for the database: the embedded one without fsync, or the one of `KEJU_DATABASE_URL`. The schema is
migrated once, by the owner, into a template (embedded: once for all runs of a schema, see `kept`); each worker copies it
and works in its copy as the application's role, so that row-level security is in force as it is in earnest.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO

from psycopg import sql

from keju.web.installation import databases, migrating, places
from keju.web.installation.folder import DataFolder
from keju.web.installation.kept import TEMPLATE, Kept, copy_template
from keju.web.installation.postgres import EmbeddedPostgres
from keju.web.installation.sentences import InstallationError

FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
    # Django's live server has a thread, and with it a session, for every connection that an open page keeps
    "max_connections": "300",
}
_PREFIX = "keju-test-"
_TOKEN = "KEJU_TEST_RUN"  # noqa: S105  a name, not a secret
_SERVER = "KEJU_TEST_SERVER"
_ALIVE = "test-run.lock"
_ADMIN = "KEJU_DATABASE_URL"
_held: list[IO[str]] = []


class RunDatabases:
    """The databases of this test run on its server."""

    def __init__(self) -> None:
        self.folder = DataFolder.current()
        self.outer = os.environ[_SERVER]
        self.embedded = EmbeddedPostgres(self.folder, FAST)
        self.template = self.owner("template") if self.outer else self.owner("") | {"dbname": TEMPLATE}

    def owner(self, name: str) -> places.Place:
        server = places.parsed(_ADMIN, self.outer) if self.outer else places.embedded_owner(self.folder)
        return server | {"dbname": f"keju_test_{os.environ[_TOKEN]}_{name}"}

    def start(self) -> None:
        """Afterwards the server answers and the migrated template is there, whichever worker made it."""
        with self.folder.locked("test-template"):
            done = self.folder.run / "template-is-migrated"
            if not done.exists():
                self._make_template()
                done.touch()
        if not self.outer:
            self.embedded.start()

    def _make_template(self) -> None:
        if not self.outer:
            Kept().provide(self.folder, self.embedded)
            return
        databases.prepare(self.template, app_password=self.folder.secrets.app_password)
        migrating.migrate(self.template)

    def copy(self, name: str) -> places.Place:
        """Afterwards the database `name` is as freshly migrated; sessions on its older self are cut."""
        place = self.owner(name)
        copy_template(place, self.template["dbname"])
        return place

    def end(self) -> None:
        """Afterwards nothing of this run is left on the server."""
        if not self.outer:
            self.embedded.stop()
        elif (self.folder.run / "template-is-migrated").exists():
            self._drop_all()

    def _drop_all(self) -> None:
        prefix = self.owner("")["dbname"]
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        with databases.connected(self.owner(""), database="postgres") as server:
            for (name,) in server.execute(query, [prefix]).fetchall():
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))


def _enter() -> None:
    if _TOKEN in os.environ:
        return  # a worker of xdist, or a test that runs pytest
    _sweep()
    folder = _make_folder()
    os.environ["KEJU_DATA"] = str(folder.path)
    os.environ[_TOKEN] = secrets.token_hex(4)
    os.environ[_SERVER] = os.environ.pop(_ADMIN, "")
    for name in ("KEJU_APP_DATABASE_URL", "KEJU_DB_ROLE"):
        os.environ.pop(name, None)
    # playwright keeps an event loop in the thread of the test, which uses the database as any other
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def _make_folder() -> DataFolder:
    while True:
        folder = DataFolder(tempfile.mkdtemp(prefix=_PREFIX)).make()
        alive = (folder.run / _ALIVE).open("w")
        fcntl.flock(alive, fcntl.LOCK_EX)
        if (folder.run / _ALIVE).exists():  # no sweeper was quicker
            _held.append(alive)
            if not os.environ.get(_ADMIN):
                Kept().lend_keys(folder)
            return folder


def _sweep() -> None:
    """Removes what a killed run left behind: its lock is no longer held."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if path.stat().st_uid != os.geteuid():
                continue
            with (path / "run" / _ALIVE).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                EmbeddedPostgres(DataFolder(path)).stop()
                shutil.rmtree(path, ignore_errors=True)
        except (OSError, InstallationError):
            continue  # alive, or not quite made: somebody else's for now


def pytest_unconfigure() -> None:
    if not _held:
        return  # a worker; the first process cleans up
    run = RunDatabases()
    try:
        run.end()
    finally:
        shutil.rmtree(run.folder.path, ignore_errors=True)
        _held.pop().close()


_enter()
