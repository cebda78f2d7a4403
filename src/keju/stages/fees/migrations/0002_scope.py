"""The ledger only grows and balances, entry by entry; rows are seen in their office's subtree; tariffs are public."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

# Checked when the transaction ends, when no scope is set any more: the function brings its own, else it would see nothing
# and let everything pass. A missing row counts as unbalanced for the same reason.
BALANCE = """
CREATE FUNCTION fees_entry_balances() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF (SELECT sum(amount) FROM fees_posting WHERE entry_id = NEW.entry_id) IS DISTINCT FROM 0 THEN
    RAISE EXCEPTION 'fees: entry % does not balance', NEW.entry_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fees_entry_balances AFTER INSERT ON fees_posting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fees_entry_balances();
"""
UNBALANCE = """
DROP TRIGGER fees_entry_balances ON fees_posting;
DROP FUNCTION fees_entry_balances();
"""
# A posting lies in the same exam and office as its entry; the covering index serves the trial balance.
SAME_PLACE = """
ALTER TABLE fees_entry ADD CONSTRAINT fees_entry_place UNIQUE (id, exam_id, office_path);
ALTER TABLE fees_posting ADD CONSTRAINT fees_posting_place FOREIGN KEY (entry_id, exam_id, office_path)
  REFERENCES fees_entry (id, exam_id, office_path);
CREATE INDEX fees_posting_balance ON fees_posting (exam_id, office_path, account) INCLUDE (amount);
"""
ANY_PLACE = """
DROP INDEX fees_posting_balance;
ALTER TABLE fees_posting DROP CONSTRAINT fees_posting_place;
ALTER TABLE fees_entry DROP CONSTRAINT fees_entry_place;
"""


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
        migrations.RunSQL(SAME_PLACE, reverse_sql=ANY_PLACE),
        migrations.RunSQL(BALANCE, reverse_sql=UNBALANCE),
    ]
