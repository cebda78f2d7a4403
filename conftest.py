"""The test database: real PostgreSQL, a copy of the migrated template, entered as the application's role.

`db`             a transaction that is rolled back, as everywhere
`transactional_db`, `live_server`   commits; afterwards the database is copied afresh from the template
`owner_connection`   the administrator's connection, for what the application's role may not do
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as properties
from pytest_django.plugin import DjangoDbBlocker

from keju.web.installation import databases, migrating, places
from keju.web.installation.testing import RunDatabases

#: property tests run as long as they need: a busy machine is not a failure
properties.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("unhurried")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first, so that at the end of a run no worker is left alone with one: those that drive a browser, those
    that span stages, and then the rest by how many tests they have."""
    tests = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[bool, bool, int]:
        spans = item.path.is_relative_to(item.config.rootpath / "tests")
        return item.get_closest_marker("browser") is None, not spans, -tests[item.path]

    items.sort(key=place)


@pytest.fixture(scope="session")
def run_databases() -> RunDatabases:
    return RunDatabases()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, run_databases: RunDatabases
) -> Iterator[None]:
    """Afterwards Django's `default` is this worker's own database, as the role `keju_app`."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "main")
    run_databases.start()
    owner = run_databases.copy(name)
    patch = pytest.MonkeyPatch()
    # so that processes which a test starts find the same database
    patch.setenv("KEJU_DATABASE_URL", migrating.url(owner))
    app = places.django_database(places.app(run_databases.folder))

    def recopy(_: TransactionTestCase) -> None:
        # The application's role may not truncate, and append-only tables refuse it to everybody.
        connections.close_all()
        run_databases.copy(name)

    patch.setattr(TransactionTestCase, "_fixture_teardown", recopy)
    # a password costs a third of a second by design, a signing code ten milliseconds; a test's guard nothing
    patch.setattr(PBKDF2PasswordHasher, "iterations", 1)
    patch.setattr(settings, "SIGNING_ROUNDS", 1)
    with django_db_blocker.unblock():
        connections.close_all()
        connections["default"].settings_dict.update(app)
        yield
        connections.close_all()
    patch.undo()


@pytest.fixture
def owner_connection(transactional_db: None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The administrator in the test's own database, each statement committed at once."""
    with databases.connected(places.owner(RunDatabases().folder)) as connection:
        yield connection
