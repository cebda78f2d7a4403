"""Distinct people are distinct humans: entries that are joined count as one, at every signature and at approval (ADR 19).

A signature shares the lock of its signer's entry, a joining takes the locks of all entries that it makes one: whichever
comes second sees the first. A joining that would leave a living proposal with one human in two parts is refused.
"""

from django.db import migrations

SIGNED_BY_HUMANS = """
CREATE FUNCTION approvals_distinct_humans() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
DECLARE
  of approvals_proposal%ROWTYPE;
  signer bigint;
BEGIN
  SELECT * INTO of FROM approvals_proposal WHERE id = NEW.proposal_id FOR UPDATE;
  PERFORM FROM accounts_person WHERE id = NEW.person_id FOR SHARE;
  signer := accounts_human(NEW.person_id);
  IF signer = accounts_human(of.proposer_id) OR EXISTS (
    SELECT FROM approvals_signature s
    WHERE s.proposal_id = of.id AND accounts_human(s.person_id) = signer
  ) THEN
    RAISE EXCEPTION 'keju: this human has a part in the proposal already' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approvals_distinct_humans BEFORE INSERT ON approvals_signature
  FOR EACH ROW EXECUTE FUNCTION approvals_distinct_humans();

CREATE FUNCTION approvals_approved_by_humans() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF NEW.needed <> (
    SELECT count(DISTINCT accounts_human(s.person_id)) FROM approvals_signature s
    WHERE s.proposal_id = NEW.id AND accounts_human(s.person_id) IS DISTINCT FROM accounts_human(NEW.proposer_id)
  ) THEN
    RAISE EXCEPTION 'keju: fewer humans than signatures' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approvals_approved_by_humans BEFORE UPDATE ON approvals_proposal
  FOR EACH ROW WHEN (NEW.state = 'approved' AND OLD.state <> 'approved')
  EXECUTE FUNCTION approvals_approved_by_humans();

CREATE FUNCTION approvals_joined_apart() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
DECLARE
  joined bigint[];
  entries bigint[];
BEGIN
  SELECT array_agg(DISTINCT coalesce(n.human, n.id)) INTO joined FROM old_rows o JOIN new_rows n USING (id)
  WHERE coalesce(o.human, o.id) <> coalesce(n.human, n.id);
  IF joined IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM FROM accounts_person WHERE id = ANY (joined) OR human = ANY (joined) ORDER BY id FOR UPDATE;
  SELECT array_agg(id) INTO entries FROM accounts_person WHERE id = ANY (joined) OR human = ANY (joined);
  IF EXISTS (
    SELECT FROM (
      SELECT s.proposal_id AS id, s.person_id FROM approvals_signature s WHERE s.person_id = ANY (entries)
      UNION SELECT p.id, p.proposer_id FROM approvals_proposal p WHERE p.proposer_id = ANY (entries)
    ) part JOIN approvals_proposal p USING (id)
    WHERE p.state IN ('open', 'approved')
    GROUP BY id, accounts_human(part.person_id) HAVING count(*) > 1
  ) THEN
    RAISE EXCEPTION 'keju: one human in two parts of a living proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER approvals_joined_apart AFTER UPDATE ON accounts_person
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_joined_apart();
"""
BACK = """
DROP TRIGGER approvals_joined_apart ON accounts_person;
DROP FUNCTION approvals_joined_apart();
DROP TRIGGER approvals_approved_by_humans ON approvals_proposal;
DROP FUNCTION approvals_approved_by_humans();
DROP TRIGGER approvals_distinct_humans ON approvals_signature;
DROP FUNCTION approvals_distinct_humans();
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_guard"), ("accounts", "0011_joined_whole")]
    operations = [migrations.RunSQL(SIGNED_BY_HUMANS, reverse_sql=BACK)]
