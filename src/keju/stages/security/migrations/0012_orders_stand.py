"""An order to dispose of recordings stays what was signed, is approved by its proposal alone, and is carried out once."""

from django.db import migrations

STAND = """
CREATE FUNCTION security_disposal_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  may constant text[] := ARRAY['state', 'proposal', 'record', 'done_by', 'done_at'];
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state = 'done' OR to_jsonb(NEW) - may <> to_jsonb(OLD) - may
     OR OLD.state = 'approved' AND NEW.state = 'proposed'
     OR OLD.proposal IS NOT NULL AND NEW.proposal IS DISTINCT FROM OLD.proposal THEN
    RAISE EXCEPTION 'keju: an order of disposal stays what was signed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state <> 'proposed' AND NOT EXISTS (
    SELECT FROM approvals_proposal p WHERE p.id = NEW.proposal AND p.kind = 'security.disposal'
      AND p.subject = 'disposal:' || NEW.id AND p.state = 'used' AND p.content_hash = NEW.content_hash) THEN
    RAISE EXCEPTION 'keju: an order of disposal is approved by its signatures' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER security_disposal_stands BEFORE UPDATE OR DELETE ON security_disposal
  FOR EACH ROW EXECUTE FUNCTION security_disposal_stands();
"""
UNDO = "DROP TRIGGER security_disposal_stands ON security_disposal; DROP FUNCTION security_disposal_stands();"


class Migration(migrations.Migration):
    dependencies = [("security", "0011_wordings_are_common"), ("approvals", "0002_guard")]
    operations = [migrations.RunSQL(STAND, UNDO)]
