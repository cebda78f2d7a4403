"""Everything of scoring only grows and belongs to the nation; rooms' batches to their offices, without identities.

A frozen score cannot be followed by another: no score may be added to an exam that is frozen.
"""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

TABLES = (
    "marking_key",
    "marking_key_confirmation",
    "marking_batch",
    "marking_reading",
    "marking_link",
    "marking_decision",
    "marking_run",
    "marking_score",
    "marking_freeze_proposal",
    "marking_freeze",
)
FROZEN = """
CREATE FUNCTION marking_refuse_after_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM marking_freeze WHERE exam_id = NEW.exam_id) THEN
    RAISE EXCEPTION 'keju: the scores of this exam are frozen' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER marking_run_after_freeze BEFORE INSERT ON marking_run
  FOR EACH ROW EXECUTE FUNCTION marking_refuse_after_freeze();
CREATE FUNCTION marking_refuse_into_frozen_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM marking_freeze WHERE run_id = NEW.run_id) THEN
    RAISE EXCEPTION 'keju: the scores of this exam are frozen' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER marking_score_after_freeze BEFORE INSERT ON marking_score
  FOR EACH ROW EXECUTE FUNCTION marking_refuse_into_frozen_run();
"""
BACK = (
    "DROP FUNCTION marking_refuse_after_freeze CASCADE; DROP FUNCTION marking_refuse_into_frozen_run CASCADE;"
)


class Migration(migrations.Migration):
    dependencies = [("marking", "0001_marking"), ("offices", "0002_scope_of_events")]
    operations = [
        *(protect(table) for table in TABLES),
        *(append_only(table) for table in TABLES),
        migrations.RunSQL(FROZEN, reverse_sql=BACK),
    ]
