"""A database of the rehearsal's own: made, used, thrown away; nothing of it ever touches another installation.

Its keys and the random part of its identifiers are derived from the seed, so that signed codes, documents and archive are
the same bytes for the same seed (ADR 7). Such keys protect nothing, which is why they exist only in a folder that belongs
to one rehearsal.
"""

import hashlib
import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from random import Random

from psycopg import sql

from keju.kernel.audit.identifiers import drawn_from
from keju.web.installation import migrating, places
from keju.web.installation.databases import connected, prepare
from keju.web.installation.folder import DataFolder
from keju.web.installation.kept import Kept, copy_template
from keju.web.installation.keys import Secrets
from keju.web.installation.postgres import EmbeddedPostgres

THROWAWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "4GB"}


@contextmanager
def scratch(seed: int, settings: Mapping[str, str] = THROWAWAY) -> Iterator[DataFolder]:
    """Inside, Django can be set up against an empty, migrated database; afterwards folder and server are gone.

    `settings` of the server: by default those of one that nobody will miss. With `KEJU_DATABASE_URL` the database is made on
    that server and dropped again.
    """
    path = Path(tempfile.mkdtemp(prefix="keju-rehearsal-"))
    folder = DataFolder(path / "data")
    outer = os.environ.get("KEJU_DATABASE_URL")
    server = None if outer else EmbeddedPostgres(folder, dict(settings))
    owner: places.Place | None = None
    try:
        path.chmod(0o755)  # the server may run as another user than root
        folder.make()
        if server:
            with Kept().alone():
                Kept().lend_keys(folder)
                Kept().provide(folder, server)
        _derive_secrets(folder, seed)
        os.environ["KEJU_DATA"] = str(folder.path)
        if server:
            server.start()
        base = places.parsed("KEJU_DATABASE_URL", outer) if outer else places.embedded_owner(folder)
        owner = base | {"dbname": f"{places.REHEARSAL}{os.getpid()}"}
        if server:
            copy_template(owner)
        prepare(owner, app_password=folder.secrets.app_password)
        os.environ["KEJU_DATABASE_URL"] = migrating.url(owner)
        if not server:
            migrating.migrate(owner)
        with drawn_from(Random(f"keju rehearsal {seed} identifiers").getrandbits):  # noqa: S311
            yield folder
    finally:
        with _uninterrupted():
            if server:
                server.stop()
            elif owner is not None:
                _drop(owner)
            shutil.rmtree(path, ignore_errors=True)
        if outer:
            os.environ["KEJU_DATABASE_URL"] = outer
        else:
            os.environ.pop("KEJU_DATABASE_URL", None)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Inside, a second Ctrl-C does not stop the tidying up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {kind: signal.signal(kind, signal.SIG_IGN) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _derive_secrets(folder: DataFolder, seed: int) -> None:
    values = {}
    for field in fields(Secrets):
        key = hashlib.sha256(f"keju rehearsal {seed} {field.name}".encode()).hexdigest()
        # the server's passwords guard a folder of this process alone, but need not be guessable
        values[field.name] = getattr(folder.secrets, field.name) if field.name.endswith("password") else key
    path = folder.path / "secrets.json"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(values))
    folder.__dict__.pop("secrets", None)


def _drop(owner: places.Place) -> None:
    from django.db import connections  # noqa: PLC0415  Django is set up by the caller, if at all

    connections.close_all()
    with connected(owner, database="postgres") as server:
        name = sql.Identifier(str(owner["dbname"]))
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
