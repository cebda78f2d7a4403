"""As `bulk`, for rows that stand as columns: what a million rows can afford."""

from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from psycopg import sql

from keju.algorithms.columns import Columns
from keju.kernel.offices.bulk import refresh_statistics


def insert_columns(
    table: str,
    columns: Columns,
    *,
    every: Mapping[str, object] | None = None,
    words: Mapping[str, Sequence[str]] | None = None,
) -> int:
    """The rows stand in `table`, or none of them. Returns how many.

    `every`: columns that have one value in all rows. `words`: a column of numbers stands for the text at that place (from
    0) of the list.
    """
    staging = sql.Identifier(f"keju_columns_{table}"[:63])
    words, every = words or {}, every or {}
    given = [sql.Identifier(name) for name in columns.types]
    make = sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DROP").format(
        staging,
        sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
            for name, kind in columns.types.items()
        ),
    )
    texts = [
        sql.SQL("({}::text[])[{} + 1]").format(sql.Literal(list(words[name])), sql.Identifier(name))
        if name in words
        else sql.Identifier(name)
        for name in columns.types
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(make)
        with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(staging)) as copy:
            for block in columns.copied():
                copy.write(block)
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
                sql.Identifier(table),
                sql.SQL(", ").join([*given, *(sql.Identifier(name) for name in every)]),
                sql.SQL(", ").join([*texts, *(sql.Literal(value) for value in every.values())]),
                staging,
            )
        )
        count = int(cursor.rowcount)
        cursor.execute(sql.SQL("DROP TABLE {}").format(staging))
    refresh_statistics(table)
    return count
