"""A database of the rehearsal's own: made, used, thrown away; nothing of it ever touches another installation.

Its keys are derived from the seed, so that signed codes too are the same bytes for the same seed. Such keys protect
nothing, which is why they exist only in a folder that belongs to one rehearsal.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from keju.web.installation import migrating, places
from keju.web.installation.databases import connected, prepare
from keju.web.installation.folder import DataFolder
from keju.web.installation.keys import Secrets
from keju.web.installation.postgres import EmbeddedPostgres

THROWAWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "4GB"}


@contextmanager
def scratch(seed: int) -> Iterator[DataFolder]:
    """Inside, Django can be set up against an empty, migrated database; afterwards folder and server are gone.

    With `KEJU_DATABASE_URL` the database is made on that server and dropped again.
    """
    path = Path(tempfile.mkdtemp(prefix="keju-rehearsal-"))
    path.chmod(0o755)  # the server may run as another user than root
    folder = DataFolder(path / "data").make()
    _derive_secrets(folder, seed)
    outer = os.environ.get("KEJU_DATABASE_URL")
    os.environ["KEJU_DATA"] = str(folder.path)
    name = f"keju_rehearsal_{os.getpid()}"
    server = None if outer else EmbeddedPostgres(folder, THROWAWAY)
    try:
        if server:
            server.start()
        base = places.parsed("KEJU_DATABASE_URL", outer) if outer else places.embedded_owner(folder)
        owner = base | {"dbname": name}
        prepare(owner, app_password=folder.secrets.app_password)
        os.environ["KEJU_DATABASE_URL"] = migrating.url(owner)
        migrating.migrate(owner)
        yield folder
        if outer:
            _drop(owner, name)
    finally:
        if server:
            server.stop()
        if outer:
            os.environ["KEJU_DATABASE_URL"] = outer
        else:
            os.environ.pop("KEJU_DATABASE_URL", None)
        shutil.rmtree(path, ignore_errors=True)


def _derive_secrets(folder: DataFolder, seed: int) -> None:
    values = {}
    for field in fields(Secrets):
        key = hashlib.sha256(f"keju rehearsal {seed} {field.name}".encode()).hexdigest()
        # the server's passwords guard a folder of this process alone, but need not be guessable
        values[field.name] = os.urandom(24).hex() if field.name.endswith("password") else key
    path = folder.path / "secrets.json"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(values))
    folder.__dict__.pop("secrets", None)


def _drop(owner: places.Place, name: str) -> None:
    from django.db import connections  # noqa: PLC0415  Django is set up by the caller, if at all

    connections.close_all()
    with connected(owner, database="postgres") as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
