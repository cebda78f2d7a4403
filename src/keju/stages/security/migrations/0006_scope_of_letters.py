"""A letter changes only by a signature that was not there, or its end; of an approved plan nothing changes but its end."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

GUARD = """
CREATE FUNCTION security_letter_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  above constant text[] := ARRAY['above_by', 'above_name', 'above_means', 'above_proof_id', 'above_scan', 'above_at'];
  below constant text[] := ARRAY['below_means', 'below_proof_id', 'below_scan', 'below_at'];
  may text[] := '{}';
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL THEN
    may := may || 'ended_at'::text;
    IF OLD.above_at IS NULL THEN may := may || above; END IF;
    IF OLD.below_at IS NULL THEN may := may || below; END IF;
    IF to_jsonb(NEW) - may = to_jsonb(OLD) - may THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'keju: a letter is signed once from each side and ends once; nothing else of it changes'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER security_letter_stands BEFORE UPDATE OR DELETE ON security_letter
  FOR EACH ROW EXECUTE FUNCTION security_letter_stands();

CREATE FUNCTION security_plan_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  may constant text[] := ARRAY['state', 'version'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'keju: a plan stands for ever' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.state = 'replaced' OR OLD.state = 'approved'
     AND NOT (NEW.state = 'replaced' AND to_jsonb(NEW) - may = to_jsonb(OLD) - may) THEN
    RAISE EXCEPTION 'keju: an approved plan does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = 'approved' AND NOT EXISTS (
    SELECT FROM approvals_proposal p WHERE p.id = NEW.proposal_id AND p.kind = 'security.plan'
      AND p.subject = 'plan:' || NEW.id AND p.state = 'used' AND p.content_hash = NEW.content_hash) THEN
    RAISE EXCEPTION 'keju: a plan is approved by the signatures of its proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER security_plan_stands BEFORE UPDATE OR DELETE ON security_plan
  FOR EACH ROW EXECUTE FUNCTION security_plan_stands();
"""
BACK = """
DROP TRIGGER security_plan_stands ON security_plan;
DROP FUNCTION security_plan_stands();
DROP TRIGGER security_letter_stands ON security_letter;
DROP FUNCTION security_letter_stands();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("security", "0005_letters"),
        ("approvals", "0002_guard"),
        ("offices", "0002_scope_of_events"),
    ]
    operations = [
        protect("security_letter"),
        protect("security_plan"),
        protect("security_wording", office=None, read_if="true", insert_if="true"),
        append_only("security_wording"),
        migrations.RunSQL(GUARD, reverse_sql=BACK),
    ]
