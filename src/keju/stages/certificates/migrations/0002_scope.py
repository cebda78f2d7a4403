"""Certificates belong to their point and their candidate; grants and collections only grow; void stays void."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

GUARD = """
CREATE FUNCTION certificates_only_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state = 'valid' AND NEW.state = 'void'
     AND (NEW.exam_id, NEW.grant_id, NEW.number, NEW.serial, NEW.issue, NEW.candidate_id, NEW.office_path, NEW.made_at)
       = (OLD.exam_id, OLD.grant_id, OLD.number, OLD.serial, OLD.issue, OLD.candidate_id, OLD.office_path, OLD.made_at)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'keju: a certificate can only become void' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER certificates_certificate_only_void BEFORE UPDATE OR DELETE ON certificates_certificate
  FOR EACH ROW EXECUTE FUNCTION certificates_only_void();
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_certificates"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("certificates_grant", candidate="candidate_id"),
        protect("certificates_certificate", candidate="candidate_id"),
        protect("certificates_delivery"),
        protect("certificates_collection", candidate="candidate_id"),
        protect("certificates_reissue", candidate="candidate_id", candidate_may="add"),
        append_only("certificates_grant"),
        append_only("certificates_collection"),
        migrations.RunSQL(GUARD, reverse_sql="DROP FUNCTION certificates_only_void CASCADE"),
    ]
