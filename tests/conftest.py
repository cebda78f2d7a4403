"""A year with people in it, made once a run, and each test file's own copy of it.

`seeded`   a copy of the rehearsed year as this file's database, entered as the application's role
`staff_client`, `candidate_client`   Django's test clients of the people in it, signed in with both factors

Tests of one file share their copy: with `db` each is rolled back; with `live_server` what they leave behind stays.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from keju.kernel.accounts.models import Candidate, Login
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.web.installation import databases, migrating, places
from keju.web.installation.testing import RunDatabases
from keju.web.rehearsal.calendar import calendar
from keju.web.rehearsal.running import run_steps
from keju.web.rehearsal.steps import STEPS, announcement, until_stage
from keju.web.rehearsal.world import World

# Two regions of two points each: the smallest nation in which every kind of stranger exists.
REGIONS = ("13", "23")
CANDIDATES, PER_POINT, UNTIL = 62, 15, "examday"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Seeded:
    """The year, and the administrator's way into this file's copy of its database."""

    world: World
    owner: places.Place

    @property
    def slug(self) -> str:
        return self.world.exam.slug


@pytest.fixture(scope="session")
def seeded_template(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, run_databases: RunDatabases
) -> World:
    """The database `seeded` holds the year; whichever worker comes first makes it."""
    kept = run_databases.folder.run / "seeded.pickle"
    with run_databases.folder.locked("test-seeded"):
        if not kept.exists():
            place = run_databases.copy("seeded")
            with django_db_blocker.unblock(), entered(run_databases, place):
                kept.write_bytes(pickle.dumps(_rehearse()))
    return pickle.loads(kept.read_bytes())


@pytest.fixture(scope="module")
def seeded(
    request: pytest.FixtureRequest,
    seeded_template: World,
    django_db_blocker: DjangoDbBlocker,
    run_databases: RunDatabases,
) -> Iterator[Seeded]:
    place = run_databases.owner(f"{request.module.__name__.rpartition('.')[2]}"[:20])
    with django_db_blocker.unblock():
        _copy(run_databases, place)
        with entered(run_databases, place):
            office.cache_clear()
            yield Seeded(seeded_template, place)
    office.cache_clear()
    with databases.connected(place, database="postgres") as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(place["dbname"])))


@pytest.fixture
def staff_client(seeded: Seeded, db: None) -> Callable[..., Client]:
    """`staff_client("region_officer", "13")`; `verified=False` leaves the second factor out."""

    def made(role: str, code: str, *, verified: bool = True) -> Client:
        return signed_in(staff_login(seeded.world, role, code), verified=verified)

    return made


@pytest.fixture
def candidate_client(seeded: Seeded, db: None) -> Callable[[str], Client]:
    """The first candidate of a region, signed in."""
    return lambda region: signed_in(candidate_login(region))


def staff_login(world: World, role: str, code: str) -> Login:
    with acting(Actor.system("test")):
        return Login.objects.get(person__pk=world.people[(role, code)])


def candidate_login(region: str) -> Login:
    with acting(Actor.system("test")):
        ids = _candidates(region)
        return Candidate.objects.select_related("login").get(pk=ids[0]).login


def signed_in(login: Login, *, verified: bool = True) -> Client:
    """The session that both forms of the sign-in would have left, without their deliberate slowness."""
    client = Client()
    session = client.session
    session[SESSION_KEY] = str(login.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = login.get_session_auth_hash()
    if verified:
        device, _ = TOTPDevice.objects.get_or_create(user=login, name="test", defaults={"confirmed": True})
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client


@contextmanager
def entered(run: RunDatabases, place: places.Place) -> Iterator[None]:
    """Django's `default`, and processes that a test starts, work in `place` as the application's role."""
    settings = connections["default"].settings_dict
    before = dict(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEJU_DATABASE_URL", migrating.url(place))
        connections.close_all()
        settings.update(places.django_database(places.app(run.folder)))
        try:
            yield
        finally:
            connections.close_all()
            settings.update(before)


def _rehearse() -> World:
    world = World("veterinarian", 2011, CANDIDATES, 7, calendar(2011), None, region_codes=REGIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(announcement, "PER_POINT", PER_POINT)
        for _ in run_steps(world, until_stage(STEPS, UNTIL), lambda step, world: lambda done: None):
            pass
    with acting(Actor.system("test")):
        for region in REGIONS:
            _let_in(_candidates(region)[0])
    return world


def _candidates(region: str) -> list[int]:
    """Candidates of the region who came furthest, in order."""
    from keju.stages.tickets.models import Ticket

    found = Ticket.objects.filter(office_path__startswith=f"/{region}/").order_by("number")
    return list(found.values_list("candidate_id", flat=True))


def _let_in(candidate_id: int) -> None:
    """The candidate has a sign-in (most of a rehearsal's need none)."""
    candidate = Candidate.objects.select_related("login").get(pk=candidate_id)
    if candidate.login is None:
        candidate.login = Login.objects.create(
            username=candidate.identity_index.hex(), kind="candidate", password="!", made_at=candidate.made_at
        )
        candidate.save()


def _copy(run: RunDatabases, place: places.Place) -> None:
    source = run.owner("seeded")["dbname"]
    name = sql.Identifier(place["dbname"])
    with databases.connected(place, database="postgres") as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        server.execute(command.format(name, sql.Identifier(source)))
