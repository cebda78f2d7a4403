"""Scans, corrections and bulk passes are seen by point, region and nation, a candidate's own by the candidate.

A decided correction stands as it was decided; a consignment that was counted differently says how.
"""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

COUNTED = """
ALTER TABLE review_summary ADD CONSTRAINT review_summary_difference
  CHECK (found IS NULL OR (found = contents AND seal_whole) OR remark <> '');
"""
DECIDED = """
CREATE FUNCTION review_correction_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR (NEW.exam_id, NEW.registration_id, NEW.candidate_id, NEW.office_path, NEW.fields, NEW.changes, NEW.reason,
         NEW.seen_version, NEW.asked_by, NEW.asked_at)
        IS DISTINCT FROM
        (OLD.exam_id, OLD.registration_id, OLD.candidate_id, OLD.office_path, OLD.fields, OLD.changes, OLD.reason,
         OLD.seen_version, OLD.asked_by, OLD.asked_at)
     OR (OLD.state <> 'asked'
         AND (NEW.state, NEW.answer, NEW.new_version, NEW.decided_by, NEW.decided_at)
             IS DISTINCT FROM (OLD.state, OLD.answer, OLD.new_version, OLD.decided_by, OLD.decided_at))
     OR (OLD.signed_at IS NOT NULL AND (NEW.signed_at, NEW.signed_by) IS DISTINCT FROM (OLD.signed_at, OLD.signed_by))
  THEN
    RAISE EXCEPTION 'keju: what was asked and decided about a correction stands' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER review_correction_stands BEFORE UPDATE OR DELETE ON review_correction
  FOR EACH ROW EXECUTE FUNCTION review_correction_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0003_scans_corrections_consignments")]
    operations = [
        protect("review_scan", candidate="candidate_id"),
        protect("review_correction", candidate="candidate_id", candidate_may="add"),
        protect("review_bulk"),
        append_only("review_bulk"),
        migrations.RunSQL(
            COUNTED, reverse_sql="ALTER TABLE review_summary DROP CONSTRAINT review_summary_difference;"
        ),
        migrations.RunSQL(DECIDED, reverse_sql="DROP FUNCTION review_correction_stands CASCADE;"),
    ]
