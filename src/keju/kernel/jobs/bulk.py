"""Many rows at once: COPY into a table of this transaction, then one statement into the real one.

PostgreSQL refuses COPY FROM straight into a table with row-level security; the detour keeps every policy,
constraint and default in force. Types are those of the target's columns.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from psycopg import sql


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """`rows` (values in the order of `columns`) stand in `table`, or none of them. Returns how many."""
    with transaction.atomic(), _staged(table, columns, rows) as staged:
        return staged.run("INSERT INTO {table} ({columns}) SELECT {columns} FROM {staging} ORDER BY keju_row")


def insert_rows_returning(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], returning: str = "id"
) -> list[Any]:
    """As `insert_rows`; returns the `returning` column of each new row, in the order of `rows`."""
    if returning in columns:
        raise ValueError("what is given need not be returned")
    with transaction.atomic(), _staged(table, columns, rows) as staged:
        return staged.returning(returning)


def update_rows(table: str, key: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Each row is (key, *values of `columns`): the rows of `table` with that key have those values.

    Returns how many changed; fewer than given where a key is unknown or out of scope. A key given twice is an error.
    """
    if key in columns:
        raise ValueError("the key itself is not changed")
    with transaction.atomic(), _staged(table, [key, *columns], rows) as staged:
        staged.run("CREATE UNIQUE INDEX ON {staging} ({key})", key=key)
        pairs = sql.SQL(", ").join(
            sql.SQL("{0} = {1}.{0}").format(sql.Identifier(name), staged.staging) for name in columns
        )
        staged.run("ANALYZE {staging}")
        return staged.run(
            "UPDATE {table} SET {pairs} FROM {staging} WHERE {table}.{key} = {staging}.{key}",
            key=key,
            pairs=pairs,
        )


class _staged:  # noqa: N801  reads as a verb: with staged rows
    """The rows in a temporary table of the target's column types, in order by `keju_row`."""

    def __init__(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self.table = sql.Identifier(table)
        self.columns = [sql.Identifier(name) for name in columns]
        self.staging = sql.Identifier(f"keju_bulk_{table}"[:63])
        self.rows = rows

    def __enter__(self) -> "_staged":
        listed = sql.SQL(", ").join(self.columns)
        with connection.cursor() as cursor:
            # NO DATA keeps column types and collations, not constraints: those are checked by the INSERT.
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(self.staging))
            cursor.execute(
                sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                    self.staging, listed, self.table
                )
            )
            cursor.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN keju_row bigint GENERATED ALWAYS AS IDENTITY").format(
                    self.staging
                )
            )
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(self.staging, listed)) as copy:
                for row in self.rows:
                    copy.write_row(row)
        return self

    def __exit__(self, kind: object, error: object, at: object) -> None:
        if kind is None:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("DROP TABLE {}").format(self.staging))

    def run(self, statement: str, key: str = "", pairs: sql.Composable | None = None) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(statement).format(
                    table=self.table,
                    staging=self.staging,
                    columns=sql.SQL(", ").join(self.columns),
                    key=sql.Identifier(key),
                    pairs=pairs or sql.SQL(""),
                )
            )
            return int(cursor.rowcount)

    def returning(self, column: str) -> list[Any]:
        """Ids are drawn from the column's sequence first, so that they line up with the rows."""
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "ALTER TABLE {staging} ADD COLUMN {id} bigint;"
                    "UPDATE {staging} SET {id} = nextval(pg_get_serial_sequence({name}, {plain}))"
                ).format(
                    staging=self.staging,
                    id=sql.Identifier(column),
                    name=sql.Literal(self.table.as_string(None)),
                    plain=sql.Literal(column),
                )
            )
            listed = sql.SQL(", ").join([*self.columns, sql.Identifier(column)])
            cursor.execute(
                sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
                    self.table, listed, listed, self.staging
                )
            )
            cursor.execute(
                sql.SQL("SELECT {} FROM {} ORDER BY keju_row").format(sql.Identifier(column), self.staging)
            )
            return [row[0] for row in cursor.fetchall()]
