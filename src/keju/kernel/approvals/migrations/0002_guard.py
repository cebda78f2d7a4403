"""The database itself keeps that no proposal counts as approved without its distinct signatures, and none counts twice.

`approvals_proposal_guard`: a proposal begins open; nothing changes but its state, along the transitions of `states.py`;
it is approved only with every need signed, each by another person, none by the proposer, all for this content; it ends
for good. `approvals_signature_guard`: a signature takes the proposal's lock, so that two at once see each other.
"""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

GUARD = """
CREATE FUNCTION approvals_proposal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  may constant text[] := ARRAY['state', 'decided_by', 'decided_at', 'reason'];
  signed integer;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'keju: a proposal stands for ever' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.seen_hash <> encode(sha256(convert_to(NEW.seen, 'UTF8')), 'hex') THEN
    RAISE EXCEPTION 'keju: the hash is not that of what is seen' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'open' THEN
      RAISE EXCEPTION 'keju: a proposal begins open' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF to_jsonb(NEW) - may <> to_jsonb(OLD) - may THEN
    RAISE EXCEPTION 'keju: a proposal does not change; other content is another proposal'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT (OLD.state = 'open' AND NEW.state IN ('approved', 'refused', 'withdrawn', 'superseded')
          OR OLD.state = 'approved' AND NEW.state IN ('used', 'refused', 'withdrawn', 'superseded')) THEN
    RAISE EXCEPTION 'keju: a proposal does not go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = 'approved' THEN
    SELECT count(DISTINCT s.person_id) INTO signed
    FROM approvals_need n JOIN approvals_signature s ON s.need_id = n.id
    WHERE n.proposal_id = NEW.id AND s.proposal_id = NEW.id
      AND s.content_hash = NEW.content_hash AND s.seen_hash = NEW.seen_hash
      AND s.signed_at < NEW.expires_at AND s.person_id IS DISTINCT FROM NEW.proposer_id;
    IF signed <> NEW.needed
       OR (SELECT count(*) FROM approvals_need n WHERE n.proposal_id = NEW.id) <> NEW.needed THEN
      RAISE EXCEPTION 'keju: % of % signatures', signed, NEW.needed USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  IF NEW.state = 'used' AND NEW.decided_at >= NEW.expires_at THEN
    RAISE EXCEPTION 'keju: the approval has expired' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approvals_proposal_guard BEFORE INSERT OR UPDATE OR DELETE ON approvals_proposal
  FOR EACH ROW EXECUTE FUNCTION approvals_proposal_guard();

CREATE FUNCTION approvals_signature_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of approvals_proposal%ROWTYPE;
BEGIN
  SELECT * INTO of FROM approvals_proposal WHERE id = NEW.proposal_id FOR UPDATE;
  IF NOT FOUND OR of.state <> 'open' OR NEW.signed_at >= of.expires_at THEN
    RAISE EXCEPTION 'keju: this proposal is not to be signed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.content_hash <> of.content_hash OR NEW.seen_hash <> of.seen_hash THEN
    RAISE EXCEPTION 'keju: the signature is for other content' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.person_id IS NOT DISTINCT FROM of.proposer_id THEN
    RAISE EXCEPTION 'keju: nobody signs their own proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.office_path <> of.office_path
     OR NOT EXISTS (SELECT FROM approvals_need WHERE id = NEW.need_id AND proposal_id = of.id) THEN
    RAISE EXCEPTION 'keju: the signature fills a need of another proposal' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approvals_signature_guard BEFORE INSERT ON approvals_signature
  FOR EACH ROW EXECUTE FUNCTION approvals_signature_guard();

CREATE FUNCTION approvals_need_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM approvals_proposal p WHERE p.id = NEW.proposal_id AND p.office_path = NEW.office_path
                 AND p.state = 'open' AND NEW.number <= p.needed) THEN
    RAISE EXCEPTION 'keju: a proposal has no more needs than it began with' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approvals_need_guard BEFORE INSERT ON approvals_need
  FOR EACH ROW EXECUTE FUNCTION approvals_need_guard();

REVOKE UPDATE, DELETE, TRUNCATE ON approvals_proposal FROM keju_app;
GRANT UPDATE (state, decided_by, decided_at, reason) ON approvals_proposal TO keju_app;
"""
BACK = """
DROP TRIGGER approvals_need_guard ON approvals_need;
DROP FUNCTION approvals_need_guard();
DROP TRIGGER approvals_signature_guard ON approvals_signature;
DROP FUNCTION approvals_signature_guard();
DROP TRIGGER approvals_proposal_guard ON approvals_proposal;
DROP FUNCTION approvals_proposal_guard();
GRANT UPDATE, DELETE ON approvals_proposal TO keju_app;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_proposals"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("approvals_proposal"),
        protect("approvals_need"),
        protect("approvals_signature"),
        append_only("approvals_need"),
        append_only("approvals_signature"),
        migrations.RunSQL(GUARD, reverse_sql=BACK),
    ]
