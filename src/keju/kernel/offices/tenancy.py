"""SQL for migrations: row-level security of a tenant table.

Policies compare `office_path` as a range (leakproof operators, so indexes stay usable) and read the setting in a scalar
sub-select (evaluated once a query). An unset or emptied setting is NULL and shows nothing.
"""

from typing import Literal

from django.db import migrations

PATH = "(SELECT nullif(current_setting('keju.path', true), ''))"
PATH_END = "(SELECT nullif(current_setting('keju.path', true), '') || '~')"
CANDIDATE = "(SELECT nullif(current_setting('keju.candidate', true), '')::bigint)"
PERSON = "(SELECT nullif(current_setting('keju.person', true), '')::bigint)"


def within(column: str) -> str:
    """The condition that `column`, a path, lies in the scope's subtree."""
    return f"({column} >= {PATH} AND {column} < {PATH_END})"


def protect(
    table: str,
    *,
    office: str | None = "office_path",
    candidate: str | None = None,
    candidate_may: Literal["read", "add", "change"] = "read",
    person: str | None = None,
    read_if: str | None = None,
    insert_if: str | None = None,
) -> migrations.RunSQL:
    """Row-level security, forced, on `table`.

    `office`: the path column that must lie in the actor's subtree; `candidate`, `person`: columns that may instead
    name the actor; `candidate_may`: what candidates may do with their own rows, by default only read them; `read_if`: a
    further SQL condition under which anybody may read; `insert_if`: one under which a row may be added that its author
    may not read.
    """
    policies = []
    if office:
        policies.append((f"{table}_office", "", f"USING {within(office)}"))
    if candidate:
        own = f"({candidate} = {CANDIDATE})"
        whole = candidate_may == "change"
        policies.append((f"{table}_candidate", "" if whole else "FOR SELECT", f"USING {own}"))
        if candidate_may == "add":
            policies.append((f"{table}_candidate_adds", "FOR INSERT", f"WITH CHECK {own}"))
    if person:
        policies.append((f"{table}_person", "", f"USING ({person} = {PERSON})"))
    if read_if:
        policies.append((f"{table}_read", "FOR SELECT", f"USING ({read_if})"))
    if insert_if:
        policies.append((f"{table}_insert", "FOR INSERT", f"WITH CHECK ({insert_if})"))
    create = "\n".join(f"CREATE POLICY {name} ON {table} {scope} {rule};" for name, scope, rule in policies)
    drop = "\n".join(f"DROP POLICY {name} ON {table};" for name, _, _ in policies)
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY; {create}",
        reverse_sql=f"{drop} ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )
