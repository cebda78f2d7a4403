"""Many rows at once: COPY into a table of this transaction, then one statement into the real one.

PostgreSQL refuses COPY FROM straight into a table with row-level security; the detour keeps every policy,
constraint and default in force. A few rows go without the detour. Types are those of the target's columns. A table that has
grown much gets new statistics at once: the next statement is planned for what is there (ADR 13).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from typing import Any

from django.db import connection, transaction
from psycopg import sql

FEW = 40  # up to here one statement with the values in it is cheaper than making and dropping a table
Rows = Iterable[Sequence[Any]]


def insert_rows(table: str, columns: Sequence[str], rows: Rows, *, on_conflict: str = "") -> int:
    """`rows` (values in the order of `columns`) stand in `table`, or none of them. Returns how many.

    `on_conflict`: SQL that says what becomes of those that are there already, "DO NOTHING"; without it they are an error.
    """
    first, rest = _split(rows)
    otherwise = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    if len(first) <= FEW:
        return _insert_few(table, columns, first, otherwise)
    with transaction.atomic(), _staged(table, columns, chain(first, rest)) as staging:
        insert = "INSERT INTO {table} ({columns}) SELECT {columns} FROM {staging}"
        return _run(insert + otherwise, table, columns, staging)


def insert_rows_returning(table: str, columns: Sequence[str], rows: Rows, returning: str = "id") -> list[Any]:
    """As `insert_rows`; returns the `returning` column of each new row, in the order of `rows`.

    Its values are drawn from the column's sequence before the rows go in: what may be added need not be readable.
    """
    if returning in columns:
        raise ValueError("what is given need not be returned")
    first, rest = _split(rows)
    if len(first) <= FEW:
        ids = _drawn(table, returning, len(first))
        _insert_few(table, [returning, *columns], [(pk, *row) for pk, row in zip(ids, first, strict=True)])
        return ids
    with transaction.atomic(), _staged(table, columns, chain(first, rest), drawn=returning) as staging:
        insert = "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {staging}"
        _run(insert, table, [returning, *columns], staging)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT {0} FROM {1} ORDER BY {0}").format(_name(returning), staging))
            return [row[0] for row in cursor.fetchall()]


def update_rows(table: str, key: str, columns: Sequence[str], rows: Rows) -> int:
    """Each row is (key, *values of `columns`): the rows of `table` with that key have those values.

    Returns how many changed; fewer than given where a key is unknown or out of scope. A key given twice is an error.
    """
    if key in columns:
        raise ValueError("the key itself is not changed")
    with transaction.atomic(), _staged(table, [key, *columns], rows) as staging:
        pairs = sql.SQL(", ").join(sql.SQL("{0} = {1}.{0}").format(_name(c), staging) for c in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("CREATE UNIQUE INDEX ON {0} ({1}); ANALYZE {0}").format(staging, _name(key))
            )
            cursor.execute(
                sql.SQL("UPDATE {0} SET {1} FROM {2} WHERE {0}.{3} = {2}.{3}").format(
                    _name(table), pairs, staging, _name(key)
                )
            )
            return int(cursor.rowcount)


def refresh_statistics(*tables: str) -> None:
    """For whoever filled tables by statements of their own: those that have grown much are planned for anew."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join(_refresh(table) for table in tables))


@contextmanager
def _staged(
    table: str, columns: Sequence[str], rows: Rows, drawn: str | None = None
) -> Iterator[sql.Identifier]:
    """The rows in a temporary table of the target's column types.

    It is read in the order in which it was filled: nobody else scans it and nothing in it was deleted. `drawn`: a column
    more, numbered in that order by its sequence in the real table.
    """
    staging = _name(f"keju_bulk_{table}"[:63])
    listed = _listed(columns)
    make = [
        sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(staging),
        # NO DATA keeps column types and collations, not constraints: those are checked by the INSERT.
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            staging, listed, _name(table)
        ),
    ]
    if drawn is not None:
        make.append(
            sql.SQL("ALTER TABLE {} ADD COLUMN {} bigint DEFAULT nextval({}::regclass)").format(
                staging, _name(drawn), sql.Literal(_sequence(table, drawn))
            )
        )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join(make))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(staging, listed)) as copy:
            for row in rows:
                copy.write_row(row)
    yield staging
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join([sql.SQL("DROP TABLE {}").format(staging), _refresh(table)]))


def _insert_few(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], otherwise: str = ""
) -> int:
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _few(table, tuple(columns), len(rows)) + otherwise, [value for row in rows for value in row]
        )
        return int(cursor.rowcount)


@cache
def _few(table: str, columns: tuple[str, ...], count: int) -> str:
    """The statement; composing it costs more than the database needs to follow it."""
    one = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
    statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES {}").format(
        _name(table), _listed(columns), sql.SQL(", ").join([one] * count)
    )
    return statement.as_string(None)


def _run(statement: str, table: str, columns: Sequence[str], staging: sql.Identifier) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(statement).format(table=_name(table), columns=_listed(columns), staging=staging)
        )
        return int(cursor.rowcount)


def _drawn(table: str, column: str, count: int) -> list[int]:
    """So many new values of the column's sequence, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [_sequence(table, column), count]
        )
        return [row[0] for row in cursor.fetchall()]


def _refresh(table: str) -> sql.Composed:
    return sql.SQL("SELECT keju_statistics({}::regclass)").format(sql.Literal(_name(table).as_string(None)))


@cache
def _sequence(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [_name(table).as_string(None), column])
        return str(cursor.fetchone()[0])


def _split(rows: Rows) -> tuple[list[Sequence[Any]], Iterator[Sequence[Any]]]:
    """The first few rows (one more than FEW if there are many), and the rest."""
    rest = iter(rows)
    return list(islice(rest, FEW + 1)), rest


def _name(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def _listed(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(_name(name) for name in columns)
