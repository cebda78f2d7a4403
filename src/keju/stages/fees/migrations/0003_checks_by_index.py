"""The check of fresh postings looks only at the entries that they name, however large the ledger is.

A query without parameters keeps the plan of its first run, made when the ledger was empty: it read the whole ledger for
every batch. The bounds are parameters, and the plan is made for them.
"""

from django.db import migrations

WITHIN = """
CREATE OR REPLACE FUNCTION fees_postings_stand() RETURNS trigger LANGUAGE plpgsql
SET keju.path = '/' SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  lowest bigint;
  highest bigint;
BEGIN
  SELECT min(entry_id), max(entry_id) INTO lowest, highest FROM fresh;
  IF EXISTS (SELECT FROM fresh p
             LEFT JOIN (SELECT * FROM fees_entry WHERE id BETWEEN lowest AND highest) e ON e.id = p.entry_id
             WHERE e.tx IS DISTINCT FROM keju_transaction()
                OR e.exam_id <> p.exam_id OR e.office_path <> p.office_path) THEN
    RAISE EXCEPTION 'fees: a posting outside its entry, or after it was closed'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
"""
WHOLE = """
CREATE OR REPLACE FUNCTION fees_postings_stand() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh p LEFT JOIN fees_entry e ON e.id = p.entry_id
             WHERE e.tx IS DISTINCT FROM keju_transaction()
                OR e.exam_id <> p.exam_id OR e.office_path <> p.office_path) THEN
    RAISE EXCEPTION 'fees: a posting outside its entry, or after it was closed'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("fees", "0002_scope")]
    operations = [migrations.RunSQL(WITHIN, reverse_sql=WHOLE)]
