"""One whole year with its documents, made once a test run; its tests read it, or break it inside a rolled-back transaction.

Two regions, few candidates, everything else as `keju rehearse` does it. Whichever worker comes first makes it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from keju.kernel.audit.identifiers import drawn_from
from keju.kernel.offices.queries import office
from keju.web.installation import migrating, places
from keju.web.installation.testing import RunDatabases
from keju.web.rehearsal.calendar import calendar
from keju.web.rehearsal.proof import Check, prove
from keju.web.rehearsal.running import Measured, run_steps
from keju.web.rehearsal.steps import STEPS
from keju.web.rehearsal.world import World

REGIONS, CANDIDATES, SEED = ("11", "13"), 60, 1


@dataclass(frozen=True)
class Year:
    """The year, what its steps said of themselves, and what its proof said at the end."""

    world: World
    measured: list[Measured]
    checks: list[Check]

    @property
    def out(self) -> Path:
        assert self.world.out is not None
        return self.world.out

    def counts(self, stage: str) -> dict[str, int]:
        return next(m.counts for m in self.measured if m.stage == stage)


@pytest.fixture(scope="session")
def _made(django_db_setup: None, django_db_blocker: DjangoDbBlocker, run_databases: RunDatabases) -> Year:
    kept = run_databases.folder.run / "year.pickle"
    with run_databases.folder.locked("test-year"):
        if not kept.exists():
            run_databases.copy("year")
            with django_db_blocker.unblock(), _inside(run_databases, as_owner=False):
                kept.write_bytes(pickle.dumps(_rehearse(run_databases.folder.run / "year")))
    return pickle.loads(kept.read_bytes())


@pytest.fixture
def year(_made: Year, django_db_blocker: DjangoDbBlocker, run_databases: RunDatabases) -> Iterator[Year]:
    """The year, its database entered as the application's role."""
    with django_db_blocker.unblock(), _inside(run_databases, as_owner=False):
        yield _made


@pytest.fixture
def as_owner(_made: Year, django_db_blocker: DjangoDbBlocker, run_databases: RunDatabases) -> Iterator[Year]:
    """The year, its database entered by who made it and may change everything."""
    with django_db_blocker.unblock(), _inside(run_databases, as_owner=True):
        yield _made


@contextmanager
def _inside(run: RunDatabases, *, as_owner: bool) -> Iterator[None]:
    place = run.owner("year")
    connection = connections["default"].settings_dict
    before = dict(connection)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEJU_DATABASE_URL", migrating.url(place))
        # the checkpoints of this log, and not those of other tests' logs
        patch.setattr(settings, "CHECKPOINTS_ROOT", run.folder.run / "year-checkpoints")
        connections.close_all()
        connection.update(places.django_database(place if as_owner else places.app(run.folder)))
        office.cache_clear()
        try:
            yield
        finally:
            connections.close_all()
            connection.update(before)
            office.cache_clear()


def _rehearse(out: Path) -> Year:
    out.mkdir()
    world = World("veterinarian", 2011, CANDIDATES, SEED, calendar(2011), out, region_codes=REGIONS)
    with drawn_from(Random(SEED).getrandbits):
        measured = list(run_steps(world, STEPS, _no_bar))
    return Year(world, measured, prove(world, [step.stage for step in STEPS]))


def _no_bar(*_: object) -> Callable[[int], None]:
    return lambda done: None
