"""Strangers at every table: what one may not see, one can neither read, change, remove, take over nor add.

Every attempt is SQL as the application's role, in the scope of somebody else; the services play no part. Which rows
somebody else's are is worked out from the rows themselves by the administrator, not by the policies under test.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from keju.web.installation import databases, places

HERE, NEXT_DOOR, ELSEWHERE = "/13/1301/", "/13/1302/", "/23/2301/"
SERVES = (
    "EXISTS (SELECT FROM staffing_appointment a"
    " WHERE a.exam_id = {table}.exam_id AND a.member_id = {table}.member_id AND {appointed})"
)
# Whoever asks, these rows may be read by anybody once the condition holds (the announcement, tariffs, lines, sites).
PUBLIC = {
    "announcement_notice": "state = 'published'",
    "announcement_region": "true",
    "announcement_publication": "struck_at IS NULL",
    "announcement_answer": "withdrawn_at IS NULL",
    # who serves at an office is known there, wherever they belong to
    "accounts_person": "EXISTS (SELECT FROM staffing_member m LEFT JOIN staffing_appointment a ON a.member_id = m.id"
    " WHERE m.person_id = accounts_person.id AND ({member} OR {appointed}))",
    "staffing_member": "EXISTS (SELECT FROM staffing_appointment a WHERE a.member_id = staffing_member.id AND {appointed})",
    "staffing_declaration": SERVES.replace("{table}", "staffing_declaration"),
    "staffing_recusal_hit": SERVES.replace("{table}", "staffing_recusal_hit"),
    "staffing_handbook": "state = 'approved'",
    "exams_milestone": "true",
    "exams_opening": "true",
    "fees_tariff": "true",
    "results_decision": "exam_id IN (SELECT exam_id FROM results_release)",
    "results_release": "true",
    "tickets_opening": "true",
    "venues_assignment": "true",
    "venues_decision": "true",
    "venues_site": "reported_at IS NOT NULL",
    # what an office received it may read, whoever wrote it
    "notices_notice": "EXISTS (SELECT FROM notices_receipt r WHERE r.notice_id = notices_notice.id AND {receipt})",
}
# Anybody's deed is recorded, also by those who may not read the record.
ADDED_BY_ANYBODY = {"audit_event"}
OPERATIONS = ("read", "read by key", "update", "delete", "take over", "insert")
ATTEMPTS = 4000


@dataclass(frozen=True)
class Scope:
    """What a session has set. `own` says, in SQL over a row, which rows are its own."""

    name: str
    path: str = ""
    candidate: int | None = None

    def own(self, columns: Sequence[str]) -> str:
        """`columns` of the table; a candidate's own account is the row of that number."""
        parts = ["false"]
        if self.path and "office_path" in columns:
            parts.append(f"starts_with(office_path, '{self.path}')")
        if self.path == "/":
            parts.append("true")
        if self.candidate is not None:
            if "candidate_id" in columns:
                parts.append(f"candidate_id = {self.candidate}")
            elif {"identity_index", "login_id"} <= set(columns):
                parts.append(f"id = {self.candidate}")
        return " OR ".join(parts)


@dataclass
class Field:
    """The file's database with rows in every table, and two ways in."""

    owner: psycopg.Connection
    app: psycopg.Connection
    columns: dict[str, list[str]]
    keys: dict[str, str]
    scopes: list[Scope]

    def foreign(self, table: str, scope: Scope) -> str:
        """The condition that a row is none of the scope's business."""
        ways = {"receipt": ("notices_receipt", "r"), "member": ("staffing_member", "m")}
        ways["appointed"] = ("staffing_appointment", "a")
        own = {
            name: f"({scope.own(self.columns[of])})".replace("office_path", f"{alias}.office_path")
            for name, (of, alias) in ways.items()
        }
        public = PUBLIC.get(table, "false").format(**own)
        return f"NOT ({scope.own(self.columns[table])}) AND NOT ({public})"

    def not_own(self, table: str, scope: Scope) -> str:
        return f"NOT ({scope.own(self.columns[table])})"


@pytest.fixture(scope="module")
def field(seeded) -> Iterator[Field]:
    from keju.web.installation.testing import RunDatabases

    with (
        databases.connected(seeded.owner) as owner,
        databases.connected(places.app(RunDatabases().folder)) as app,
    ):
        columns = dict(
            owner.execute(
                """SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c
                   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                   WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity GROUP BY 1"""
            ).fetchall()
        )
        keys = dict(
            owner.execute(
                """SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indisprimary"""
            ).fetchall()
        )
        for table in sorted(columns):
            _policies_only(owner, table)
            for path in (HERE, NEXT_DOOR, ELSEWHERE):
                _ensure_row(owner, table, columns[table], path)
        yield Field(owner, app, columns, keys, _scopes(owner))


def _scopes(owner: psycopg.Connection) -> list[Scope]:
    ask = "SELECT candidate_id FROM tickets_ticket WHERE starts_with(office_path, %s) ORDER BY number LIMIT 1"
    ((one,),) = owner.execute(ask, [HERE]).fetchall() or owner.execute(ask, ["/13/"]).fetchall()
    ((other,),) = owner.execute(ask, ["/23/"]).fetchall()
    return [
        Scope("nobody"),
        Scope("another region", "/23/"),
        Scope("a region without rows", "/65/"),
        Scope("a point of another region", ELSEWHERE),
        Scope("the point next door", NEXT_DOOR),
        Scope("a candidate", candidate=one),
        Scope("another candidate", candidate=other),
        Scope("no candidate at all", candidate=0),
    ]


def _ensure_row(owner: psycopg.Connection, table: str, columns: list[str], path: str) -> None:
    """A made-up row of that office where the rehearsed year left none: in this copy checks and triggers are off for it."""
    where = {"office_path": "starts_with(office_path, %s)", "candidate_id": "%s <> ''"}
    known = next((column for column in where if column in columns), None)
    if not known or owner.execute(f"SELECT 1 FROM {table} WHERE {where[known]}", [path]).fetchone():
        return
    for (name,) in owner.execute(
        "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'x') AND conrelid = %s::regclass", [table]
    ).fetchall():
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    wanted = owner.execute(
        """SELECT attname::text, format_type(atttypid, NULL), atttypmod FROM pg_attribute
           WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''
             AND attgenerated = '' AND (attnotnull OR attname IN ('office_path', 'candidate_id'))""",
        [table],
    ).fetchall()
    dice = Random(f"{table}{path}")
    values = {
        name: path if name == "office_path" else _made_up(kind, size, dice) for name, kind, size in wanted
    }
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        owner.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(sql.Placeholder() * len(values)),
            ),
            list(values.values()),
        )


def _policies_only(owner: psycopg.Connection, table: str) -> None:
    """No trigger of ours steps in before the policy does: it is the policy that has to refuse."""
    for (name,) in owner.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgtype & 6 = 6",
        [table],
    ).fetchall():
        owner.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')


def _made_up(kind: str, size: int, dice: Random) -> object:
    number = dice.randrange(1_000, 30_000)
    if kind in ("smallint", "integer", "bigint", "numeric", "double precision"):
        return number
    if kind in ("text", "character varying", "character"):
        return str(number)[: size - 4 if size > 4 else 5]
    made = {
        "boolean": False,
        "bytea": number.to_bytes(4, "big"),
        "jsonb": Jsonb([]),
        "uuid": f"00000000-0000-7000-8000-{number:012d}",
        "timestamp with time zone": "2011-01-01T00:00:00Z",
        "date": "2011-01-01",
        "time without time zone": "09:00",
        "interval": "0",
        "inet": "127.0.0.1",
    }
    return [] if kind.endswith("[]") else made[kind]


@contextmanager
def acting_as(connection: psycopg.Connection, scope: Scope) -> Iterator[None]:
    """The scope as the application sets it, undone whatever happened."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "SELECT set_config('keju.path', %s, true), set_config('keju.candidate', %s, true)",
            [scope.path, "" if scope.candidate is None else str(scope.candidate)],
        )
        yield


def attempt(field: Field, operation: str, table: str, scope: Scope, row: dict[str, object]) -> int:
    """Rows of others that the operation reached; 0 is what it should be, also where it was refused outright."""
    key = field.keys[table]
    foreign, not_own = field.foreign(table, scope), field.not_own(table, scope)
    found = 0
    try:
        with acting_as(field.app, scope):
            match operation:
                case "read":
                    ((found,),) = field.app.execute(
                        f"SELECT count(*) FROM {table} WHERE {foreign}"
                    ).fetchall()
                case "read by key":
                    found = field.app.execute(
                        f"SELECT 1 FROM {table} WHERE {key}::text = %s AND {foreign}", [str(row[key])]
                    ).rowcount
                case "update":
                    found = field.app.execute(f"UPDATE {table} SET {key} = {key} WHERE {not_own}").rowcount
                case "delete":
                    found = field.app.execute(f"DELETE FROM {table} WHERE {not_own}").rowcount
                case "take over":
                    found = _take_over(field, table, scope, row)
                case "insert":
                    found = _insert(field, table, row)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation):
        return 0
    return max(found, 0)


def _take_over(field: Field, table: str, scope: Scope, row: dict[str, object]) -> int:
    """Another's row is made one's own, or one's own is pushed upon another."""
    key = field.keys[table]
    if "office_path" not in field.columns[table]:
        return 0
    grabbed = field.app.execute(
        f"UPDATE {table} SET office_path = %s WHERE {key}::text = %s", [scope.path or "/65/", str(row[key])]
    ).rowcount
    if not scope.path:
        return grabbed
    return (
        grabbed
        + field.app.execute(
            f"UPDATE {table} SET office_path = %s WHERE office_path <> %s",
            [row["office_path"], row["office_path"]],
        ).rowcount
    )


def _insert(field: Field, table: str, row: dict[str, object]) -> int:
    """A row like the stranger's own is added in that one's name."""
    if table in ADDED_BY_ANYBODY:
        return 0
    names = ", ".join(f'"{name}"' for name in field.columns[table])
    try:
        return field.app.execute(
            f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE"
            f" SELECT {names} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)",
            [row["as_json"]],
        ).rowcount
    except (psycopg.errors.IntegrityError, psycopg.errors.RaiseException):
        return 1  # the row got past the policy and was stopped by something else


def rows_of_others(field: Field, table: str, scope: Scope) -> list[dict[str, object]]:
    with field.owner.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            f"SELECT *, to_jsonb({table})::text AS as_json FROM {table}"
            f" WHERE {field.not_own(table, scope)} LIMIT 20"
        ).fetchall()


@pytest.mark.rule("V1.5", "V1.6", "V5.2.1")
def test_every_table_refuses_every_stranger(field):
    """Each table, each scope, each operation once: nothing is reached, and there was something to reach."""
    leaks, tried = {}, Counter()
    for table in sorted(field.columns):
        for scope in field.scopes:
            others = rows_of_others(field, table, scope)
            if not others:
                continue
            tried[table] += 1
            for operation in OPERATIONS:
                found = attempt(field, operation, table, scope, others[0])
                if found:
                    leaks[table, scope.name, operation] = found
    assert leaks == {}
    empty = {t for t in field.columns if tried[t] < len(field.scopes) - 1}
    assert empty == set(), "tables without rows of strangers prove nothing"


@pytest.mark.rule("V1.5")
def test_thousands_of_drawn_attempts_reach_nothing(field):
    dice = Random(2011)
    tables = sorted(field.columns)
    pool = {(t, s): rows_of_others(field, t, s) for t in tables for s in field.scopes}
    reached = Counter()
    for _ in range(ATTEMPTS):
        table, scope = dice.choice(tables), dice.choice(field.scopes)
        operation = dice.choice(OPERATIONS)
        if pool[table, scope]:
            row = dice.choice(pool[table, scope])
            reached[table, scope.name, operation] += attempt(field, operation, table, scope, row)
    assert +reached == Counter()


def test_the_nation_sees_all_of_it(field):
    """The other half of the proof: the rows are there for those who may see them."""
    nation = Scope("the nation", "/")
    with acting_as(field.app, nation):
        for table, names in sorted(field.columns.items()):
            ((seen,),) = field.app.execute(f"SELECT count(*) FROM {table}").fetchall()
            ((there,),) = field.owner.execute(f"SELECT count(*) FROM {table}").fetchall()
            assert (table, seen) == (table, there)
            assert seen or "office_path" not in names


@pytest.mark.parametrize("table", ["registration_registration", "fees_payment", "tickets_ticket"])
def test_a_leak_is_seen(field, table):
    """With the protection off, the same attempts reach rows: they are no formality."""
    region, nobody = field.scopes[1], field.scopes[0]
    others = rows_of_others(field, table, region)
    field.owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    try:
        assert attempt(field, "read", table, region, others[0]) >= len(others)
        assert attempt(field, "read by key", table, nobody, others[0]) == 1
        assert attempt(field, "insert", table, region, others[0]) == 1
    finally:
        field.owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    assert attempt(field, "read", table, region, others[0]) == 0


def test_a_dropped_policy_hides_and_a_wide_one_shows(field):
    region = field.scopes[1]
    with field.owner.transaction():
        field.owner.execute("DROP POLICY venues_room_office ON venues_room")
    with acting_as(field.app, Scope("the nation", "/")):
        assert field.app.execute("SELECT count(*) FROM venues_room").fetchone() == (0,)
    field.owner.execute("CREATE POLICY venues_room_office ON venues_room USING (true)")
    others = rows_of_others(field, "venues_room", region)
    assert attempt(field, "read", "venues_room", region, others[0]) > 0
