"""The test database is what the running system will have."""

import contextlib
import http.client
import subprocess
import sys

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import ProgrammingError, connection, transaction
from pytest_django.live_server_helper import LiveServer


def scalar(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_tests_run_as_the_role_that_owns_nothing() -> None:
    assert scalar("SELECT current_user") == "keju_app"
    assert scalar("SELECT session_user") == "keju_app"
    assert scalar("SELECT count(*) FROM pg_class WHERE relowner = 'keju_app'::regrole") == 0
    assert not scalar("SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole FROM pg_roles"
                      " WHERE rolname = current_user")  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "command",
    [
        "CREATE TABLE public.mine ()",
        "TRUNCATE django_migrations",
        "ALTER TABLE django_session DISABLE ROW LEVEL SECURITY",
        "DROP TABLE django_session",
        "SET ROLE postgres",
        "CREATE ROLE another",
        "COPY django_session TO PROGRAM 'cat'",
    ],
)
def test_what_the_role_may_not_do(command: str) -> None:
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(command)
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_committing_test_leaves_is_gone_in_the_next(
    turn: int, owner_connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    assert scalar("SELECT count(*) FROM django_session") == 0
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('a', 'b', now())")
    found = owner_connection.execute("SELECT count(*) FROM django_session").fetchone()
    assert found == (1,)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_live_server_serves_from_the_same_database(turn: int, live_server: LiveServer) -> None:
    assert not Session.objects.exists()
    Session.objects.create(session_key="a", session_data="b", expire_date="2030-01-01T00:00Z")
    with contextlib.closing(
        http.client.HTTPConnection(live_server.thread.host, live_server.thread.port)
    ) as web:
        web.request("GET", "/")
        response = web.getresponse()
        response.read()
    assert response.status != 0
    assert Session.objects.count() == 1


def test_processes_that_a_test_starts_find_its_database(transactional_db: None) -> None:
    Session.objects.create(session_key="a", session_data="b", expire_date="2030-01-01T00:00Z")
    script = (
        "import django; django.setup(); from django.contrib.sessions.models import Session;"
        "from django.db import connection; print(Session.objects.count(), connection.settings_dict['USER'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "1 keju_app\n"
