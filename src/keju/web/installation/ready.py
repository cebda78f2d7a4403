"""A database that is there, migrated and running for as long as a command works with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from keju.web.installation import databases, migrating, places
from keju.web.installation.folder import DataFolder
from keju.web.installation.postgres import EmbeddedPostgres


def with_django() -> None:
    """Afterwards models can be imported; the connection is the application role's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keju.web.settings")
    import django  # noqa: PLC0415  slow

    django.setup()


@contextmanager
def running_server() -> Iterator[DataFolder]:
    """Inside, the database server answers; the embedded one is stopped again if it was started here."""
    folder = DataFolder.current()
    if not places.is_embedded():
        yield folder
        return
    server = EmbeddedPostgres(folder)
    started = server.start()
    try:
        yield folder
    finally:
        if started:
            server.stop()


@contextmanager
def running_database(*, demo: bool = False) -> Iterator[DataFolder]:
    """Inside, the database is there and migrated and Django is ready; for commands that do work."""
    with running_server() as folder:
        prepare_and_migrate(folder, demo=demo)
        with_django()
        yield folder


def prepare_and_migrate(folder: DataFolder, *, demo: bool = False) -> str:
    """Afterwards the schema is that of the code. Without an administrator's credential nothing is done."""
    if places.has_app_only():
        return ""
    owner = places.owner(folder)
    with folder.locked("migrate"):
        databases.prepare(owner, app_password=folder.secrets.app_password, demo=demo)
        return migrating.migrate(owner)
