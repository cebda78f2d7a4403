"""Where the database is and as whom to connect, as libpq keywords; computed, without connecting.

| environment | meaning |
| --- | --- |
| nothing | the embedded server of the data folder |
| `KEJU_DATABASE_URL` | an administrator on any PostgreSQL from 16; its database, else `keju`, becomes ours |
| `KEJU_APP_DATABASE_URL` | the application's role alone; such a machine cannot prepare or migrate |
"""

from __future__ import annotations

import os
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from keju.web.installation import sentences, sockets
from keju.web.installation.cluster import ADMIN
from keju.web.installation.folder import DataFolder
from keju.web.installation.postgres import PORT

DATABASE = "keju"
APP_ROLE = "keju_app"
REHEARSAL = "keju_rehearsal_"  # begins the name of every database that is dropped when its rehearsal ends
_MAINTENANCE = ("", "postgres", "template1")
_APP_URL = "KEJU_APP_DATABASE_URL"
_ADMIN_URL = "KEJU_DATABASE_URL"

Place = dict[str, str]


def is_embedded() -> bool:
    return not os.environ.get(_ADMIN_URL) and not has_app_only()


def has_app_only() -> bool:
    """True on a machine that holds no administrator's credential."""
    return bool(os.environ.get(_APP_URL))


def owner(folder: DataFolder) -> Place:
    """The administrator's way into our database: for making and migrating it."""
    if url := os.environ.get(_ADMIN_URL):
        place = parsed(_ADMIN_URL, url)
        if place.get("dbname", "") in _MAINTENANCE:
            place["dbname"] = DATABASE
        return place
    if has_app_only():
        raise sentences.no_administrator()
    return embedded_owner(folder)


def embedded_owner(folder: DataFolder) -> Place:
    """The administrator of the data folder's own server, whatever the environment says."""
    place = {"host": str(sockets.recorded(folder)), "port": str(PORT), "dbname": DATABASE}
    return place | {"user": ADMIN, "password": folder.secrets.admin_password}


def app(folder: DataFolder) -> Place:
    """The running system's way in: a role that owns nothing and that row-level security binds."""
    if url := os.environ.get(_APP_URL):
        return parsed(_APP_URL, url)
    base = owner(folder)
    for administrators in ("passfile", "sslcert", "sslkey", "sslpassword"):
        base.pop(administrators, None)
    return base | {"user": APP_ROLE, "password": folder.secrets.app_password}


def parsed(variable: str, url: str) -> Place:
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as error:
        raise sentences.not_a_url(variable) from error


def is_thrown_away(database: str) -> bool:
    """Whether a database of this name belongs to one rehearsal and ends with it."""
    return database.startswith(REHEARSAL)


def django_database(place: Place) -> dict[str, Any]:
    """An entry of Django's `DATABASES` for `place`."""
    options: dict[str, Any] = dict(place)
    return {
        "ENGINE": "keju.web.installation.engine",
        "NAME": options.pop("dbname", DATABASE),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def database_settings(folder: DataFolder | None = None) -> dict[str, dict[str, Any]]:
    """Django's `DATABASES`: the app role's, or the owner's if `KEJU_DB_ROLE=owner` (`keju db migrate`)."""
    folder = folder or DataFolder.current()
    as_owner = os.environ.get("KEJU_DB_ROLE") == "owner"
    return {"default": django_database(owner(folder) if as_owner else app(folder))}


def shown(place: Place) -> str:
    """For people: without the password."""
    return (
        f"{place.get('user', '')}@{place.get('host', '')}:{place.get('port', PORT)}/{place.get('dbname', '')}"
    )
