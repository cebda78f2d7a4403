"""The embedded server: closed, found again, started after any death, as whatever user we are."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from keju.web.installation import DataFolder, InstallationError, databases, pidfile, places, sockets
from keju.web.installation.postgres import EmbeddedPostgres
from keju.web.installation.testing import FAST

SMALL = {**FAST, "shared_buffers": "16MB"}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="keju-pg-") as path:
        embedded = EmbeddedPostgres(DataFolder(Path(path) / "d"), SMALL)
        embedded.start()
        yield embedded
        embedded.stop()


def connect(server: EmbeddedPostgres, **changes: str) -> psycopg.Connection[tuple[object, ...]]:
    place = places.embedded_owner(server.folder) | {"dbname": "postgres"} | changes
    return psycopg.connect(**place, autocommit=True)  # type: ignore[arg-type]


def show(server: EmbeddedPostgres, name: str) -> object:
    with connect(server) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row is not None
        return row[0]


def test_no_password_no_entry(server: EmbeddedPostgres) -> None:
    for wrong in ("", "guess"):
        with pytest.raises(psycopg.OperationalError, match=r"password"):
            connect(server, password=wrong)


def test_settings_that_matter(server: EmbeddedPostgres) -> None:
    assert show(server, "listen_addresses") == ""
    assert show(server, "data_checksums") == "on"
    assert show(server, "synchronous_commit") == "on"
    assert show(server, "server_encoding") == "UTF8"
    assert (server.socket_folder.stat().st_mode & 0o777) == 0o700
    assert (server.cluster.stat().st_mode & 0o777) == 0o700


def test_a_second_start_finds_the_first(server: EmbeddedPostgres) -> None:
    before = server.pid()
    assert EmbeddedPostgres(server.folder, SMALL).start() is False
    assert server.pid() == before


def test_it_starts_again_after_kill_9_and_has_what_was_committed(server: EmbeddedPostgres) -> None:
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while pidfile.alive(server.cluster) and time.monotonic() < until:
        time.sleep(0.02)
    assert (server.cluster / "postmaster.pid").exists(), "a stale file was left"
    assert EmbeddedPostgres(server.folder, SMALL).start() is True
    with connect(server) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_number_that_is_now_a_strangers_stops_nobody(server: EmbeddedPostgres) -> None:
    server.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (server.cluster / "postmaster.pid").write_text(
            f"{stranger.pid}\n{server.cluster}\n1\n5432\n{server.socket_folder}\n\n\nready\n"
        )
        assert server.pid() is None
        assert EmbeddedPostgres(server.folder, SMALL).start() is True
        assert stranger.poll() is None, "the stranger was left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_it_outlives_the_process_that_started_it(server: EmbeddedPostgres) -> None:
    server.stop()
    script = (
        "import sys; from keju.web.installation import DataFolder;"
        "from keju.web.installation.postgres import EmbeddedPostgres;"
        "print(EmbeddedPostgres(DataFolder(sys.argv[1])).start())"
    )
    command = [sys.executable, "-c", script, str(server.folder.path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"
    assert server.pid() is not None


def test_a_half_made_cluster_is_made_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    with tempfile.TemporaryDirectory(prefix="keju-pg-") as path:
        folder = DataFolder(path).make()
        (folder.path / "pg.new").mkdir()
        (folder.path / "pg.new" / "PG_VERSION").write_text("18")
        embedded = EmbeddedPostgres(folder, SMALL)
        embedded.start()
        embedded.stop()
        assert not (folder.path / "pg.new").exists()
        assert not (folder.path / ".pg-password").exists()


def test_a_long_path_gets_a_short_socket() -> None:
    with tempfile.TemporaryDirectory(prefix="keju-pg-") as path:
        folder = DataFolder(Path(path) / ("长" * 40) / "d")
        embedded = EmbeddedPostgres(folder, SMALL)
        embedded.start()
        try:
            assert len(os.fsencode(embedded.socket_folder)) <= sockets.LONGEST
            assert (embedded.socket_folder.stat().st_mode & 0o777) == 0o700
            with connect(embedded) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            first = embedded.socket_folder
            embedded.stop()
            embedded.start()
            assert embedded.socket_folder == first, "one short folder, not one per start"
        finally:
            embedded.stop()
            embedded.socket_folder.rmdir()


def test_it_never_runs_as_root_not_even_below_a_closed_folder() -> None:
    uid = os.geteuid() or pwd.getpwnam("nobody").pw_uid
    with tempfile.TemporaryDirectory(prefix="keju-pg-") as path:
        assert Path(path).stat().st_mode & 0o777 == 0o700
        embedded = EmbeddedPostgres(DataFolder(Path(path) / "d"), SMALL)
        embedded.start()
        try:
            status = Path(f"/proc/{embedded.pid()}/status").read_text()
            assert f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}" in status
            assert Path(path).stat().st_mode & 0o777 == 0o700, "permissions of parents stay"
        finally:
            embedded.stop()


def test_a_configuration_that_fails_is_one_sentence(server: EmbeddedPostgres) -> None:
    server.stop()
    with pytest.raises(InstallationError, match=r"did not start: .*no_such_setting.*postgres\.log"):
        EmbeddedPostgres(server.folder, {"no_such_setting": "1"}).start()
    server.start()


def test_the_application_role_and_its_database(server: EmbeddedPostgres) -> None:
    owner = places.embedded_owner(server.folder)
    password = server.folder.secrets.app_password
    assert databases.prepare(owner, app_password=password, demo=True) is True
    assert databases.prepare(owner, app_password=password) is False
    app = owner | {"user": places.APP_ROLE, "password": password}
    with databases.connected(owner) as connection:
        connection.execute("CREATE TABLE thing (n bigint GENERATED BY DEFAULT AS IDENTITY, s serial)")
        connection.execute("CREATE TABLE log (n int)")
        connection.execute("REVOKE UPDATE, DELETE ON log FROM keju_app")
    with databases.connected(app) as connection:
        assert connection.execute("INSERT INTO thing DEFAULT VALUES RETURNING n, s").fetchone() == (1, 1)
        for refused in ("DROP TABLE thing", "TRUNCATE thing", "CREATE TABLE mine ()", "UPDATE log SET n = 1"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused)
    databases.prepare(owner, app_password=password)
    with databases.connected(app) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM log")  # preparing again gives nothing back


def test_only_a_demo_is_wiped(server: EmbeddedPostgres) -> None:
    demo = places.embedded_owner(server.folder) | {"dbname": "a_demo"}
    real = places.embedded_owner(server.folder) | {"dbname": "in earnest"}
    databases.prepare(demo, app_password="p", demo=True)
    databases.prepare(real, app_password="p")
    databases.prepare(real, app_password="p", demo=True)  # too late: it stands
    with pytest.raises(InstallationError, match="in earnest is not marked"):
        databases.drop_demo(real)
    assert databases.exists(real)
    assert databases.drop_demo(demo) is True
    assert not databases.exists(demo)
    assert databases.drop_demo(demo) is False


def test_a_role_with_too_many_rights_is_bounded(server: EmbeddedPostgres) -> None:
    owner = places.embedded_owner(server.folder)
    databases.prepare(owner, app_password="one")
    with connect(server) as connection:
        connection.execute("ALTER ROLE keju_app SUPERUSER BYPASSRLS")
        databases.prepare(owner, app_password="two")
        found = connection.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'keju_app'")
        assert found.fetchone() == (False,)
    connect(server, user="keju_app", password="two").close()
    with pytest.raises(psycopg.OperationalError):
        connect(server, user="keju_app", password="one")
