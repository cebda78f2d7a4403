"""What fresh entries and postings name is looked up by key, entry by entry, for one as for many.

A look-up with a LIMIT is never turned into a join with the whole table, whatever the table held when the plan was made; and
a plan that is kept costs nothing to make. Checked is what was checked before.
"""

from django.db import migrations

BY_KEY = """
CREATE OR REPLACE FUNCTION fees_entries_stand() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh WHERE tx <> keju_transaction()) THEN
    RAISE EXCEPTION 'fees: an entry names another transaction' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT exam_id FROM fresh) f
             WHERE NOT EXISTS (SELECT FROM exams_exam e WHERE e.id = f.exam_id))
     OR EXISTS (SELECT FROM (SELECT DISTINCT registration_id, exam_id FROM fresh WHERE registration_id IS NOT NULL) f
                LEFT JOIN LATERAL (SELECT exam_id FROM registration_registration WHERE id = f.registration_id LIMIT 1) r
                  ON true
                WHERE r.exam_id IS DISTINCT FROM f.exam_id) THEN
    RAISE EXCEPTION 'fees: an entry without its exam or registration' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION fees_postings_stand() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT entry_id, exam_id, office_path FROM fresh) p
             LEFT JOIN LATERAL (SELECT tx, exam_id, office_path FROM fees_entry WHERE id = p.entry_id LIMIT 1) e ON true
             WHERE e.tx IS DISTINCT FROM keju_transaction()
                OR e.exam_id <> p.exam_id OR e.office_path <> p.office_path) THEN
    RAISE EXCEPTION 'fees: a posting outside its entry, or after it was closed'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
"""
BY_JOIN = """
CREATE OR REPLACE FUNCTION fees_entries_stand() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh WHERE tx <> keju_transaction()) THEN
    RAISE EXCEPTION 'fees: an entry names another transaction' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT exam_id FROM fresh) f
             WHERE NOT EXISTS (SELECT FROM exams_exam e WHERE e.id = f.exam_id))
     OR EXISTS (SELECT FROM fresh f LEFT JOIN registration_registration r ON r.id = f.registration_id
                WHERE f.registration_id IS NOT NULL AND r.exam_id IS DISTINCT FROM f.exam_id) THEN
    RAISE EXCEPTION 'fees: an entry without its exam or registration' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;

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


class Migration(migrations.Migration):
    dependencies = [("fees", "0008_scope_of_undoing")]
    operations = [migrations.RunSQL(BY_KEY, reverse_sql=BY_JOIN)]
