"""The catalogue of PostgreSQL itself: what protects the rows is there, complete, and of the kind that costs little.

`faults` lists everything that is wrong; the second half breaks the protection in every way we know and sees it.
"""

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

Ask = Callable[[str], list[tuple]]

APP = "keju_app"
SCOPED = ("office_path", "candidate_id")
# Tables with such a column that everybody may read, and why. Empty: the calendar is read by all and written by few.
PUBLIC: dict[str, str] = {}
# Policies that look into another table. Each is read once a query or by key, and the other table is protected itself.
LOOKS_ELSEWHERE = {
    "notices_notice_read": "who received a notice may read it; what one received is what one's own policy shows",
    "staffing_member_read": "an office knows who serves there, whoever sent them; the appointment shows itself",
    "staffing_declaration_read": "where a member serves it must be known whether they declared; never the relatives",
    "staffing_recusal_hit_read": "where a member serves it must be known that they are barred; a table of few rows",
    "accounts_person_appointed": "as above, for the name of such a member; read by key",
    "results_decision_read": "the passing line is public once results are released",
}
# Functions that run with the owner's rights. They give back nothing of a row.
DEFINERS = {
    "keju_statistics": "takes a table's statistics after a load; says only whether it did (ADR 13)",
    "custody_steps_stand": "a trigger: keeps the fold of the chain of custody, which nobody else may write",
}
SETTING = re.compile(
    r"\( ?SELECT \(?(?:NULLIF\()?current_setting\('keju\.(?:path|candidate|person)'::text, true\)"
    r"(?:, ''::text\))?\)?(?:::bigint| \|\| '~'::text\))?(?: AS \"nullif\")?\)"
)


def faults(ask: Ask) -> list[str]:
    return [*_tables(ask), *_policies(ask), *_views(ask), *_functions(ask), *_role(ask), *_growing(ask)]


def _tables(ask: Ask) -> Iterator[str]:
    found = ask(
        f"""SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
                   EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
            FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
              AND (c.relrowsecurity OR EXISTS (
                SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
                  AND a.attname IN {SCOPED}))
            ORDER BY 1"""
    )
    for name, enabled, forced, has_policy in found:
        if name in PUBLIC:
            continue
        if not enabled:
            yield f"{name}: row-level security is off"
        elif not forced:
            yield f"{name}: row-level security is not forced"
        elif not has_policy:
            yield f"{name}: no policy, so nobody sees anything"
    names = {row[0] for row in found}
    yield from (
        f"{name}: named as public, but there is no such table" for name in sorted(PUBLIC.keys() - names)
    )


def _policies(ask: Ask) -> Iterator[str]:
    found = ask(
        """SELECT p.polname, c.relname, p.polpermissive,
                  coalesce(pg_get_expr(p.polqual, p.polrelid), ''),
                  coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
           FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ORDER BY 1"""
    )
    by_table: dict[str, set[str]] = {}
    for name, table, permissive, using, check in found:
        by_table.setdefault(table, set()).add(name)
        rest = SETTING.sub("S", using + " " + check)
        if "current_setting" in rest:
            yield f"{name}: reads a setting outside a scalar sub-select: {rest}"
        if "SELECT" in rest and name not in LOOKS_ELSEWHERE:
            yield f"{name}: looks into another table: {rest}"
        if not permissive:
            yield f"{name}: restrictive, which nothing of ours is"
    own = ask(
        """SELECT p.polname, f.proname FROM pg_depend d
           JOIN pg_policy p ON p.oid = d.objid JOIN pg_proc f ON f.oid = d.refobjid
           WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_proc'::regclass"""
    )
    # Functions of the system itself are not recorded there: whatever is found is of our making.
    yield from (f"{policy}: calls the function {function}" for policy, function in own)
    # What shows an office's rows to that office; nation-wide tables have one that compares with "/".
    for table, names in sorted(by_table.items()):
        if not names & {f"{table}_office", f"{table}_nation"}:
            yield f"{table}: no policy for offices among {sorted(names)}"


def _views(ask: Ask) -> Iterator[str]:
    found = ask(
        """SELECT relname, relkind, coalesce(array_to_string(reloptions, ','), '') FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm') ORDER BY 1"""
    )
    for name, kind, options in found:
        if kind == "m":
            yield f"{name}: a materialised view keeps rows that nobody asks whose they are"
        elif "security_invoker=true" not in options:
            yield f"{name}: the view reads as its owner"


def _functions(ask: Ask) -> Iterator[str]:
    for name, definer, setting, returns in ask(
        """SELECT proname, prosecdef, coalesce(array_to_string(proconfig, ','), ''), prorettype::regtype::text
           FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')
           ORDER BY 1"""
    ):
        if definer and name not in DEFINERS:
            yield f"{name}: runs with the rights of its owner"
        if definer and "search_path=pg_catalog, pg_temp" not in setting:
            yield f"{name}: finds what the caller puts in its way"
        if "keju." in setting and returns != "trigger":
            yield f"{name}: anybody can call it and has another scope inside"


def _role(ask: Ask) -> Iterator[str]:
    ((superuser, bypass, creates),) = ask(
        f"SELECT rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = '{APP}'"
    )
    if superuser or bypass or creates:
        yield f"{APP}: superuser {superuser}, bypasses row-level security {bypass}, creates roles {creates}"
    for (name,) in ask(
        f"""SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
            JOIN pg_roles a ON a.oid = m.member WHERE a.rolname = '{APP}'"""
    ):
        yield f"{APP}: is a member of {name}"
    for kind, name in ask(
        f"""SELECT 'table', c.oid::regclass::text FROM pg_class c WHERE c.relowner = '{APP}'::regrole
            UNION ALL SELECT 'function', p.oid::regprocedure::text FROM pg_proc p WHERE p.proowner = '{APP}'::regrole
            UNION ALL SELECT 'schema', n.nspname FROM pg_namespace n WHERE n.nspowner = '{APP}'::regrole
            UNION ALL SELECT 'database', d.datname FROM pg_database d WHERE d.datdba = '{APP}'::regrole"""
    ):
        yield f"{APP}: owns the {kind} {name}"
    if ask(f"SELECT has_schema_privilege('{APP}', 'public', 'CREATE')") != [(False,)]:
        yield f"{APP}: may make tables of its own"


def _growing(ask: Ask) -> Iterator[str]:
    """Tables that only grow: two triggers that fire always, and no right to change."""
    triggers: dict[str, set[str]] = {}
    for table, name in ask(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgfoid = 'keju_append_only'::regproc"
        " AND tgenabled IN ('O', 'A')"
    ):
        triggers.setdefault(table, set()).add(name)
    for table in sorted(append_only_tables()):
        missing = {f"{table}_append_only", f"{table}_no_truncate"} - triggers.get(table, set())
        if missing:
            yield f"{table}: without {sorted(missing)}"
        for (right,) in ask(
            f"SELECT r FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) r"
            f" WHERE has_table_privilege('{APP}', '{table}', r)"
        ):
            yield f"{table}: {APP} may {right}"
        for (column,) in ask(
            f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0"
            f" AND NOT attisdropped AND has_column_privilege('{APP}', attrelid, attnum, 'UPDATE')"
        ):
            yield f"{table}: {APP} may UPDATE {column}"


def append_only_tables() -> set[str]:
    """What the migrations say, whatever became of it in the database; not what one of them loosens (fees_match)."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    statements = [
        str(operation.sql)
        for migration in loader.disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, RunSQL)
    ]
    made, gone = (
        {name for s in statements for name in re.findall(rf"{word} TRIGGER (\w+)_append_only ", s)}
        for word in ("CREATE", "DROP")
    )
    return made - gone


def _through_django(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.mark.rule("V1.5")
def test_every_row_of_an_office_or_a_candidate_is_protected(db):
    assert faults(_through_django) == []


def test_there_is_something_to_protect(db):
    """The lists that the checks walk are not empty by mistake."""
    protected = _through_django("SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert protected[0][0] >= 50
    assert len(append_only_tables()) >= 30
    assert {"audit_event", "fees_posting", "registration_version"} <= append_only_tables()


WITHIN = "office_path >= (SELECT current_setting('keju.path', true))"
BROKEN = {
    "office policy dropped": ("DROP POLICY fees_payment_office ON fees_payment", "fees_payment: no policy for offices"),
    "row-level security off": ("ALTER TABLE fees_payment DISABLE ROW LEVEL SECURITY", "fees_payment: row-level"),
    "not forced": ("ALTER TABLE fees_payment NO FORCE ROW LEVEL SECURITY", "fees_payment: row-level security is not"),
    "new table forgotten": ("CREATE TABLE t (id int, office_path text)", "t: row-level security is off"),
    "own rows forgotten": ("CREATE TABLE t (id int, candidate_id int)", "t: row-level security is off"),
    "partition forgotten": (
        "CREATE TABLE t (id int, office_path text) PARTITION BY LIST (id)",
        "t: row-level security is off",
    ),
    "no policy at all": (
        "CREATE TABLE t (office_path text); ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "t: no policy",
    ),
    "setting read for every row": (
        "CREATE POLICY p ON fees_payment USING (office_path = current_setting('keju.path', true))",
        "p: reads a setting",
    ),
    "setting read twice, once for every row": (
        f"CREATE POLICY p ON fees_payment USING ({WITHIN} AND office_path < current_setting('keju.path', true))",
        "p: reads a setting",
    ),
    "function in a policy": (
        "CREATE FUNCTION f() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END';"
        " CREATE POLICY p ON fees_payment USING (f())",
        "p: calls the function f",
    ),
    "policy that joins": (
        "CREATE POLICY p ON fees_payment USING (EXISTS (SELECT FROM offices_office))",
        "p: looks into another table",
    ),
    "view of the owner": ("CREATE VIEW v AS SELECT * FROM fees_payment", "v: the view reads as its owner"),
    "materialised view": ("CREATE MATERIALIZED VIEW v AS SELECT 1", "v: a materialised view"),
    "function of the owner": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "f: runs with the rights",
    ),
    "function of the owner that is known, but finds the caller's": (
        "ALTER FUNCTION keju_statistics(regclass) RESET ALL",
        "keju_statistics: finds what",
    ),
    "function with a scope": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET keju.path = '/' AS 'SELECT 1'",
        "f: anybody can call it",
    ),
    "role bypasses": (f"ALTER ROLE {APP} BYPASSRLS", f"{APP}: superuser False, bypasses row-level security True"),
    "role owns": (f"ALTER TABLE fees_payment OWNER TO {APP}", f"{APP}: owns the table fees_payment"),
    "role makes tables": (f"GRANT CREATE ON SCHEMA public TO {APP}", f"{APP}: may make tables"),
    "role is a member": (f"GRANT pg_read_all_data TO {APP}", f"{APP}: is a member of pg_read_all_data"),
    "trigger dropped": ("DROP TRIGGER fees_entry_append_only ON fees_entry", "fees_entry: without"),
    "trigger disabled": ("ALTER TABLE fees_entry DISABLE TRIGGER fees_entry_no_truncate", "fees_entry: without"),
    "right to change": (f"GRANT UPDATE ON fees_entry TO {APP}", f"fees_entry: {APP} may UPDATE"),
    "right to change a column": (f"GRANT UPDATE (kind) ON fees_entry TO {APP}", f"fees_entry: {APP} may UPDATE kind"),
}  # fmt: skip


def test_whatever_breaks_the_protection_is_seen(owner_connection):
    def through_owner(statement: str) -> list[tuple]:
        return owner_connection.execute(statement).fetchall()

    assert faults(through_owner) == []
    unseen = {}
    for name, (statement, expected) in BROKEN.items():
        with owner_connection.transaction(force_rollback=True):
            owner_connection.execute(statement)
            found = faults(through_owner)
        if not any(fault.startswith(expected) for fault in found):
            unseen[name] = found
    assert unseen == {}
    assert faults(through_owner) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE fees_entry SET kind = kind", "DELETE FROM fees_entry", "TRUNCATE fees_entry"]
)
def test_the_role_itself_is_refused(db, statement):
    with pytest.raises(Exception, match="permission denied") as refused, connection.cursor() as cursor:
        cursor.execute(statement)
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
