"""Of an explanation nothing changes but that it is undone, once; cancelled refunds are counted apart."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tallies import tally

BEFORE = "CASE WHEN paid_at IS NULL THEN 'owed' ELSE 'paid' END"
STATE = "CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled' WHEN paid_at IS NULL THEN 'owed' ELSE 'paid' END"
WHOLE = append_only("fees_match")
KEPT, COUNTED = (tally("fees_refund", "fees_refunds", key=key, amount="amount") for key in (BEFORE, STATE))
UNDONE_ONLY = """
CREATE FUNCTION fees_match_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  may constant text[] := ARRAY['undone_at', 'undone_by', 'undone_reason'];
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL
     AND to_jsonb(NEW) - may = to_jsonb(OLD) - may THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'keju: an explanation is undone once, and nothing else of it changes'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER fees_match_stands BEFORE UPDATE OR DELETE ON fees_match
  FOR EACH ROW EXECUTE FUNCTION fees_match_stands();
CREATE TRIGGER fees_match_whole BEFORE TRUNCATE ON fees_match
  FOR EACH STATEMENT EXECUTE FUNCTION fees_match_stands();
GRANT UPDATE (undone_at, undone_by, undone_reason) ON fees_match TO keju_app;
"""
STANDS = """
DROP TRIGGER fees_match_stands ON fees_match;
DROP TRIGGER fees_match_whole ON fees_match;
DROP FUNCTION fees_match_stands();
REVOKE UPDATE (undone_at, undone_by, undone_reason) ON fees_match FROM keju_app;
"""


class Migration(migrations.Migration):
    dependencies = [("fees", "0007_undoing")]
    operations = [
        migrations.RunSQL(WHOLE.reverse_sql, reverse_sql=WHOLE.sql),
        migrations.RunSQL(UNDONE_ONLY, reverse_sql=STANDS),
        migrations.RunSQL(KEPT.reverse_sql, reverse_sql=KEPT.sql),
        COUNTED,
    ]
