"""A migrated cluster that test runs and rehearsals start from: made by the first of a schema, copied by those after it.

Migrating takes longer than most test files and than a small rehearsal. What is kept lies below the temp directory, is only
its maker's to read, and has keys of its own that no installation knows. It is named by a hash over everything that the
schema follows from.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from psycopg import sql

from keju.web.installation import databases, migrating, places
from keju.web.installation.folder import DataFolder
from keju.web.installation.postgres import EmbeddedPostgres

TEMPLATE = "keju_test_template"
PACKAGE = Path(__file__).resolve().parents[2]
ALSO = ("kernel/offices/divisions.py", "web/settings.py", "web/installation")
NEWEST = 12  # so many schemas are kept, the last used ones: several people may work on one machine


class Kept:
    """The cluster of the present schema, if a run has kept it."""

    def __init__(self) -> None:
        self.shelf = Path(tempfile.gettempdir()) / f"keju-kept-{os.geteuid()}"
        self.path = self.shelf / schema_hash()

    def make_shelf(self) -> None:
        self.shelf.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside, nobody else who asks for it makes this schema's cluster: the second of two waits and is lent the first's."""
        self.make_shelf()
        with self.path.with_suffix(".lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def exists(self) -> bool:
        """It is there, and nobody else can have put it there."""
        return (self.path / "pg").is_dir() and self.shelf.stat().st_uid == os.geteuid()

    def lend_keys(self, folder: DataFolder) -> None:
        """A new folder has the keys that the kept cluster was made with. For before anything reads its secrets."""
        if self.exists():
            shutil.copy2(self.path / "secrets.json", folder.path / "secrets.json")

    def fits(self, folder: DataFolder) -> bool:
        """Whether the folder's keys open the kept cluster."""
        keys = folder.path / "secrets.json"
        return self.exists() and keys.read_bytes() == (self.path / "secrets.json").read_bytes()

    def lend(self, folder: DataFolder) -> None:
        """The folder has a copy of the cluster; no server runs on it yet."""
        os.utime(self.path)
        _copy(self.path / "pg", folder.postgres)

    def keep(self, folder: DataFolder) -> None:
        """The folder's cluster is kept; its server has been stopped. Whoever was quicker is left alone."""
        if self.path.exists():
            return
        self.make_shelf()
        draft = Path(tempfile.mkdtemp(dir=self.shelf))
        try:
            _copy(folder.postgres, draft / "pg")
            shutil.copy2(folder.path / "secrets.json", draft / "secrets.json")
            draft.rename(self.path)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
        for old in sorted(
            filter(Path.is_dir, self.shelf.iterdir()), key=lambda p: p.stat().st_mtime, reverse=True
        )[NEWEST:]:
            shutil.rmtree(old, ignore_errors=True)
            old.with_suffix(".lock").unlink(missing_ok=True)

    def provide(self, folder: DataFolder, server: EmbeddedPostgres) -> None:
        """The folder's cluster has the migrated `TEMPLATE`, lent or made and kept for the next; its server is stopped."""
        if self.fits(folder):
            self.lend(folder)
            return
        server.start()
        template = places.embedded_owner(folder) | {"dbname": TEMPLATE}
        databases.prepare(template, app_password=folder.secrets.app_password)
        migrating.migrate(template)
        server.stop()
        self.keep(folder)


def copy_template(place: places.Place, template: str = TEMPLATE) -> None:
    """Afterwards the database of `place` is as freshly migrated; sessions on its older self are cut."""
    with databases.connected(place, database="postgres") as server:
        database = sql.Identifier(place["dbname"])
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        server.execute(command.format(database, sql.Identifier(template)))


@cache
def schema_hash() -> str:
    """SHA-256 over the migrations, what they import of ours, how the database is prepared, and the pinned packages."""
    files = set(PACKAGE.glob("**/migrations/*.py"))
    for name in ALSO:
        files |= set((PACKAGE / name).glob("*.py")) or {PACKAGE / name}
    for path in sorted(files):
        files |= set(_imported(path))
    files |= set((PACKAGE.parents[1] / "requirements").glob("*.txt"))
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(PACKAGE.parents[1])}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _imported(path: Path) -> Iterator[Path]:
    """The files of modules of ours that the file names in an import."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            found = PACKAGE.parent / f"{name.replace('.', '/')}.py"
            if name.startswith("keju.") and found.exists():
                yield found


def _copy(source: Path, target: Path) -> None:
    # PostgreSQL insists on its owner and modes; as root they are another user's.
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)  # noqa: S603, S607
