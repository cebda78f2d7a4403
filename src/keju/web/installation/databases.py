"""Makes our database and the application's role on a server, and removes them; each safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from keju.web.installation import sentences
from keju.web.installation.places import APP_ROLE, Place, shown

OLDEST = 16
DEMO_MARK = "keju demo"
_LOCK = 0x6B656A75  # any number, the same for everybody who prepares on this server
_PROVIDER_BUILTIN_FROM = 17


@contextmanager
def connected(
    place: Place, *, database: str | None = None
) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """An autocommit connection to a server that is new enough; else one sentence."""
    where = place | {"connect_timeout": "10"} | ({"dbname": database} if database else {})
    try:
        connection = psycopg.connect(**where, autocommit=True)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        raise sentences.server_unreachable(shown(where), str(error).strip().splitlines()[-1]) from error
    with connection:
        check_version(connection.info.server_version)
        yield connection


def check_version(server_version: int) -> None:
    """`server_version` as libpq gives it: 160004 is 16.4."""
    if server_version // 10000 < OLDEST:
        raise sentences.server_too_old(server_version // 10000)


def prepare(owner: Place, *, app_password: str, demo: bool = False) -> bool:
    """Afterwards `owner["dbname"]` exists, and the application's role may read and write its new tables.

    A database that this call makes is marked as a demo if `demo`; a standing one keeps what it is.
    True if the database was made by this call.
    """
    name = owner["dbname"]
    with connected(owner, database="postgres") as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        _ensure_role(server, owner, app_password)
        made = not _exists(server, name)
        if made:
            _create(server, name)
            if demo:
                mark_demo(owner)
        _grant(server, owner)
    return made


def exists(owner: Place) -> bool:
    with connected(owner, database="postgres") as server:
        return _exists(server, owner["dbname"])


def mark_demo(owner: Place) -> None:
    """Afterwards the database is a demo, which `keju demo-reset` may drop."""
    with connected(owner, database="postgres") as server:
        comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
        server.execute(comment.format(sql.Identifier(owner["dbname"]), sql.Literal(DEMO_MARK)))


def holds_an_exam(owner: Place) -> bool:
    """False only if it is sure that there is no exam in the database."""
    with connected(owner) as ours:
        if ours.execute("SELECT to_regclass('public.exams_exam')").fetchone() == (None,):
            return False
        # An owner who is no superuser is bound by row-level security, too: then rather an error than no rows.
        ours.execute("SET row_security = off")
        try:
            return ours.execute("SELECT EXISTS (SELECT FROM public.exams_exam)").fetchone() != (False,)
        except psycopg.errors.InsufficientPrivilege:
            return True


def is_demo(owner: Place) -> bool:
    """True if the database was made as a demo."""
    with connected(owner, database="postgres") as server:
        found = server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [owner["dbname"]],
        ).fetchone()
        return found is not None and found[0] == DEMO_MARK


def drop_demo(owner: Place) -> bool:
    """Afterwards the demo database is gone, sessions on it are cut. False if there was none."""
    name = owner["dbname"]
    if not exists(owner):
        return False
    if not is_demo(owner):
        raise sentences.not_a_demo(name)
    with connected(owner, database="postgres") as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    return True


def _exists(server: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _create(server: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    # Code-point order everywhere, so that no upgrade of a system library reorders an index.
    locale = "LOCALE 'C'"
    if server.info.server_version // 10000 >= _PROVIDER_BUILTIN_FROM:
        locale = "LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
    command = f"CREATE DATABASE {{}} TEMPLATE template0 ENCODING 'UTF8' {locale}"
    server.execute(sql.SQL(command).format(sql.Identifier(name)))


def _ensure_role(server: psycopg.Connection[tuple[object, ...]], owner: Place, password: str) -> None:
    role = sql.Identifier(APP_ROLE)
    rights = server.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR NOT rolcanlogin"
        " FROM pg_roles WHERE rolname = %s",
        [APP_ROLE],
    ).fetchone()
    bounds = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
    if rights is None:
        server.execute(sql.SQL("CREATE ROLE {} {}").format(role, bounds))
    elif rights[0]:
        server.execute(sql.SQL("ALTER ROLE {} {}").format(role, bounds))
    if rights is None or not _opens(owner, password):
        # Hashed here, so that no log of the server ever sees it.
        secret = server.pgconn.encrypt_password(password.encode(), APP_ROLE.encode(), b"scram-sha-256")
        command = sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(secret.decode()))
        server.execute(command)


def _opens(owner: Place, password: str) -> bool:
    place = owner | {"user": APP_ROLE, "password": password, "dbname": "postgres", "connect_timeout": "10"}
    try:
        psycopg.connect(**place).close()  # type: ignore[arg-type]
    except psycopg.OperationalError:
        return False
    return True


def _grant(server: psycopg.Connection[tuple[object, ...]], owner: Place) -> None:
    role, name = sql.Identifier(APP_ROLE), sql.Identifier(owner["dbname"])
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    server.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, role))
    with connected(owner) as ours:
        for command in (
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO {}",
            # For tables to come; what a migration takes back stays taken back when we prepare again.
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {}",
        ):
            ours.execute(sql.SQL(command).format(role))
