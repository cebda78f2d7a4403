"""Sheets, codes and proofs are the system's alone; a code is used once, a proof stands for ever."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

ONCE = """
CREATE FUNCTION accounts_code_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.used_at IS NULL AND NEW.used_at IS NOT NULL
     AND to_jsonb(NEW) - 'used_at' = to_jsonb(OLD) - 'used_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'keju: a signing code is used once, and nothing else of it changes'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER accounts_code_once BEFORE UPDATE OR DELETE ON accounts_signing_code
  FOR EACH ROW EXECUTE FUNCTION accounts_code_once();
REVOKE UPDATE, DELETE, TRUNCATE ON accounts_signing_code, accounts_signing_sheet FROM keju_app;
GRANT UPDATE (used_at) ON accounts_signing_code TO keju_app;
GRANT UPDATE (voided_at, failures, failed_at) ON accounts_signing_sheet TO keju_app;
"""
BACK = """
DROP TRIGGER accounts_code_once ON accounts_signing_code;
DROP FUNCTION accounts_code_once();
GRANT UPDATE, DELETE ON accounts_signing_code, accounts_signing_sheet TO keju_app;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_signing"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("accounts_signing_sheet"),
        protect("accounts_signing_code"),
        protect("accounts_proof"),
        append_only("accounts_proof"),
        migrations.RunSQL(ONCE, reverse_sql=BACK),
    ]
