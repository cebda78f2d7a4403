"""Counts that are kept, not recounted: how many rows of a table there are per office and key, and what they sum up to.

A trigger per statement adds the difference as new rows, so nobody waits for anybody's counter; reading adds them up, and
once a minute many rows of one key become one. Kept in the transaction of the change itself, hence never late; the
rehearsal's proof counts after them (`differences`).
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, migrations, transaction

from keju.kernel.offices.actors import Actor
from keju.kernel.offices.scope import acting

FOLDER = Actor.system("tallies")
TALLY = """
CREATE FUNCTION tally_{subject}() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO offices_tally (subject, exam_id, office_path, key, n, amount)
      SELECT '{subject}', exam_id, office_path, {key}, count(*), sum({amount}) FROM fresh GROUP BY 2, 3, 4;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO offices_tally (subject, exam_id, office_path, key, n, amount)
      SELECT '{subject}', exam_id, office_path, {key}, -count(*), -sum({amount}) FROM gone GROUP BY 2, 3, 4;
  ELSE
    INSERT INTO offices_tally (subject, exam_id, office_path, key, n, amount)
      SELECT '{subject}', exam_id, office_path, key, sum(n), sum(amount) FROM (
        SELECT exam_id, office_path, {key} AS key, 1 AS n, {amount} AS amount FROM fresh
        UNION ALL SELECT exam_id, office_path, {key}, -1, -{amount} FROM gone) x
      GROUP BY 2, 3, 4 HAVING sum(n) <> 0 OR sum(amount) <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tally_{subject}_added AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION tally_{subject}();
CREATE TRIGGER tally_{subject}_changed AFTER UPDATE ON {table} REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION tally_{subject}();
CREATE TRIGGER tally_{subject}_removed AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION tally_{subject}();
SELECT set_config('keju.path', '/', true);
INSERT INTO offices_tally (subject, exam_id, office_path, key, n, amount)
  SELECT '{subject}', exam_id, office_path, {key}, count(*), sum({amount}) FROM {table} GROUP BY 2, 3, 4;
INSERT INTO offices_tallied VALUES ('{subject}', '{table}', $sql${key}$sql$, $sql${amount}$sql$);
"""
UNTALLY = """
DROP TRIGGER tally_{subject}_added ON {table};
DROP TRIGGER tally_{subject}_changed ON {table};
DROP TRIGGER tally_{subject}_removed ON {table};
DROP FUNCTION tally_{subject}();
SELECT set_config('keju.path', '/', true);
DELETE FROM offices_tally WHERE subject = '{subject}';
DELETE FROM offices_tallied WHERE subject = '{subject}';
"""
READ = """
SELECT {columns}, sum(n)::bigint, sum(amount) FROM offices_tally
WHERE exam_id = %s AND subject = %s AND office_path >= %s AND office_path < %s
GROUP BY {columns} HAVING sum(n) <> 0 OR sum(amount) <> 0
"""
# What stands of a key in many rows becomes one; whoever adds meanwhile is not waited for and not lost.
FOLD = """
WITH gone AS (
  DELETE FROM offices_tally USING (
    SELECT subject AS s, exam_id AS e, office_path AS p, key AS k FROM offices_tally GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
  ) many WHERE subject = s AND exam_id = e AND office_path = p AND key = k
  RETURNING subject, exam_id, office_path, key, n, amount)
INSERT INTO offices_tally (subject, exam_id, office_path, key, n, amount)
SELECT subject, exam_id, office_path, key, sum(n), sum(amount) FROM gone GROUP BY 1, 2, 3, 4
HAVING sum(n) <> 0 OR sum(amount) <> 0
"""

RECOUNT = """
SELECT office_path, key, sum(n), sum(amount) FROM (
  SELECT office_path, {key} AS key, 1 AS n, {amount} AS amount FROM {source} WHERE exam_id = %s
  UNION ALL SELECT office_path, key, -n, -amount FROM offices_tally WHERE exam_id = %s AND subject = %s) x
GROUP BY office_path, key HAVING sum(n) <> 0 OR sum(amount) <> 0
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many rows, and the sum of their amounts (0 where the table has none)."""

    n: int
    amount: Decimal


def tally(table: str, subject: str, *, key: str, amount: str = "0::numeric") -> migrations.RunSQL:
    """For migrations: rows of `table` (with exam_id and office_path) are counted under `subject` per SQL `key` from now on,
    those that are there at once. `amount`: SQL over a row that is summed up besides.
    """
    parts = {"table": table, "subject": subject, "key": f"({key})::text", "amount": f"({amount})"}
    return migrations.RunSQL(TALLY.format(**parts), reverse_sql=UNTALLY.format(**parts))


def by_key(*, exam_id: int, subject: str, office_path: str = "/") -> dict[str, Tally]:
    """What stands under the office, per key, as far as the scope reaches."""
    return {key: Tally(n, amount) for key, n, amount in _read("key", exam_id, subject, office_path)}


def by_office(*, exam_id: int, subject: str, office_path: str = "/") -> dict[tuple[str, str], Tally]:
    """What stands per (office path, key) under the office, as far as the scope reaches."""
    found = _read("office_path, key", exam_id, subject, office_path)
    return {(path, key): Tally(n, amount) for path, key, n, amount in found}


def fold() -> int:
    """Every key of an office stands in one row again. Returns how many rows were written for it."""
    with acting(FOLDER), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('keju/tallies'))")
        if not cursor.fetchone()[0]:  # somebody folds already
            return 0
        cursor.execute(FOLD)
        return int(cursor.rowcount)


def differences(exam_id: int) -> list[str]:
    """What of the kept counts is not what a recount in the scope gives. Empty when sound."""
    wrong = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, source, key, amount FROM offices_tallied ORDER BY subject")
        for subject, source, key, amount in cursor.fetchall():
            cursor.execute(RECOUNT.format(source=source, key=key, amount=amount), [exam_id, exam_id, subject])
            wrong += [
                f"{subject} {path} {what}: {n} rows, {total}" for path, what, n, total in cursor.fetchall()
            ]
    return wrong


def _read(columns: str, exam_id: int, subject: str, office_path: str) -> list[tuple]:
    with connection.cursor() as cursor:
        path = office_path or "-"
        cursor.execute(READ.format(columns=columns), [exam_id, subject, path, path + "~"])
        return list(cursor.fetchall())
