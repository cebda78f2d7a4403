"""The ledger only grows and balances, entry by entry; rows are seen in their office's subtree; tariffs are public."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

# Each function brings its own scope: at the end of a transaction none is set any more, and a check that sees nothing
# would let everything pass.
WHOLE = """
CREATE FUNCTION fees_entries_stand() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
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
CREATE TRIGGER fees_entries_stand AFTER INSERT ON fees_entry REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION fees_entries_stand();

CREATE FUNCTION fees_postings_stand() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh p LEFT JOIN fees_entry e ON e.id = p.entry_id
             WHERE e.tx IS DISTINCT FROM keju_transaction()
                OR e.exam_id <> p.exam_id OR e.office_path <> p.office_path) THEN
    RAISE EXCEPTION 'fees: a posting outside its entry, or after it was closed'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER fees_postings_stand AFTER INSERT ON fees_posting REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION fees_postings_stand();
"""
UNWHOLE = """
DROP TRIGGER fees_postings_stand ON fees_posting;
DROP FUNCTION fees_postings_stand();
DROP TRIGGER fees_entries_stand ON fees_entry;
DROP FUNCTION fees_entries_stand();
"""
# Checked when the transaction ends, once per entry: its postings are all there, since no other transaction may add one.
BALANCE = """
CREATE FUNCTION fees_entry_balances() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF (SELECT sum(amount) FROM fees_posting WHERE entry_id = NEW.id) IS DISTINCT FROM 0 THEN
    RAISE EXCEPTION 'fees: entry % does not balance', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fees_entry_balances AFTER INSERT ON fees_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fees_entry_balances();
"""
UNBALANCE = """
DROP TRIGGER fees_entry_balances ON fees_entry;
DROP FUNCTION fees_entry_balances();
"""
# Serves the trial balance from the index alone.
COVERING = (
    "CREATE INDEX fees_posting_balance ON fees_posting (exam_id, office_path, account) INCLUDE (amount);"
)


class Migration(migrations.Migration):
    dependencies = [("fees", "0001_ledger"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("fees_entry"),
        protect("fees_posting"),
        protect("fees_tariff", read_if="true"),
        protect("fees_receipt_range"),
        protect("fees_payment", candidate="candidate_id"),
        protect("fees_fiscal_receipt"),
        protect("fees_remittance"),
        protect("fees_refund", candidate="candidate_id"),
        append_only("fees_entry"),
        append_only("fees_posting"),
        append_only("fees_payment"),
        append_only("fees_fiscal_receipt"),
        migrations.RunSQL(COVERING, reverse_sql="DROP INDEX fees_posting_balance;"),
        migrations.RunSQL(WHOLE, reverse_sql=UNWHOLE),
        migrations.RunSQL(BALANCE, reverse_sql=UNBALANCE),
    ]
