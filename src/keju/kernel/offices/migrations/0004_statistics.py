"""Whoever loads many rows may have the table's statistics taken anew (ADR 13)."""

from django.db import migrations

# Only a table of ours that has more than doubled since, so that calling it again and again costs nothing. SKIP LOCKED: who
# loads at the same time is not waited for. A small sample is enough until autovacuum comes by, and costs a tenth. Taken with
# the owner's rights, for the role that loads has none to do it.
REFRESH = """
CREATE FUNCTION keju_statistics(loaded regclass) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET default_statistics_target = 10 AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = loaded AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      AND pg_relation_size(c.oid) / current_setting('block_size')::int > 2 * c.relpages + 20) THEN
    RETURN false;
  END IF;
  EXECUTE format('ANALYZE (SKIP_LOCKED) %s', loaded);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION keju_statistics(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keju_statistics(regclass) TO keju_app;
"""


class Migration(migrations.Migration):
    dependencies = [("offices", "0003_tallies")]
    operations = [migrations.RunSQL(REFRESH, reverse_sql="DROP FUNCTION keju_statistics(regclass)")]
