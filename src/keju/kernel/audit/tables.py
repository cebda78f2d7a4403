"""SQL for migrations: tables that only grow."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION keju_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'keju: % only grows; a wrong entry is corrected by a further entry', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """No UPDATE, DELETE or TRUNCATE of `table`: not by the application role (rights), not by its owner (trigger)."""
    return migrations.RunSQL(
        f"""
        {GUARD}
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
          FOR EACH ROW EXECUTE FUNCTION keju_append_only();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
          FOR EACH STATEMENT EXECUTE FUNCTION keju_append_only();
        REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM keju_app;
        """,
        reverse_sql=f"""
        DROP TRIGGER {table}_append_only ON {table};
        DROP TRIGGER {table}_no_truncate ON {table};
        """,
    )
