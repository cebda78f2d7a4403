"""The scope of handovers, and what the database itself keeps of them: states follow each other, an ended handover and an
instructed exception stand for ever, scans only grow."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

GUARD = """
CREATE FUNCTION custody_handover_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> NEW.state AND NOT (
       OLD.state = 'prepared' AND NEW.state IN ('announced', 'counting', 'broken_off')
    OR OLD.state = 'announced' AND NEW.state IN ('counting', 'broken_off')
    OR OLD.state = 'counting' AND NEW.state IN ('signing', 'broken_off')
    OR OLD.state = 'signing' AND NEW.state IN ('counting', 'closed', 'broken_off')) THEN
    RAISE EXCEPTION 'custody: a handover does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.state IN ('closed', 'broken_off') OR (NEW.exam_id, NEW.office_path, NEW.kind, NEW.sender_code, NEW.receiver_code,
      NEW.place, NEW.containers, NEW.key) IS DISTINCT FROM (OLD.exam_id, OLD.office_path, OLD.kind, OLD.sender_code,
      OLD.receiver_code, OLD.place, OLD.containers, OLD.key) THEN
    RAISE EXCEPTION 'custody: a handover stands as it was prepared and ended' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = 'closed' AND NOT EXISTS (SELECT FROM approvals_proposal p
      WHERE p.id = NEW.proposal_id AND p.state = 'used' AND p.subject = 'handover:' || NEW.id) THEN
    RAISE EXCEPTION 'custody: a handover closes with its signatures' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = 'closed' AND EXISTS (SELECT FROM custody_handover_item i WHERE i.handover_id = NEW.id AND i.seen = '') THEN
    RAISE EXCEPTION 'custody: something is neither scanned nor missing' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER custody_handover_guard BEFORE UPDATE ON custody_handover
  FOR EACH ROW EXECUTE FUNCTION custody_handover_guard();
CREATE FUNCTION custody_handover_person_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM custody_handover h WHERE h.id = NEW.handover_id AND h.office_path = NEW.office_path
      AND h.state NOT IN ('closed', 'broken_off')) THEN
    RAISE EXCEPTION 'custody: nobody is named for an ended handover' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER custody_handover_person_guard BEFORE INSERT OR UPDATE ON custody_handover_person
  FOR EACH ROW EXECUTE FUNCTION custody_handover_person_guard();
CREATE FUNCTION custody_handover_scans_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT handover_id, office_path FROM fresh) f WHERE NOT EXISTS (
      SELECT FROM custody_handover h
      WHERE h.id = f.handover_id AND h.office_path = f.office_path AND h.state = 'counting')) THEN
    RAISE EXCEPTION 'custody: nothing is scanned now' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER custody_handover_scans_guard AFTER INSERT ON custody_handover_scan REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION custody_handover_scans_guard();
CREATE FUNCTION custody_handover_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM changed c JOIN former f ON f.id = c.id WHERE NOT f.living
      OR (c.handover_id, c.container_id, c.code, c.seal, c.inside, c.office_path)
         IS DISTINCT FROM (f.handover_id, f.container_id, f.code, f.seal, f.inside, f.office_path)
      OR c.seen = '' AND f.seen <> '') THEN
    RAISE EXCEPTION 'custody: the list of a handover stands' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER custody_handover_item_guard AFTER UPDATE ON custody_handover_item
  REFERENCING NEW TABLE AS changed OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION custody_handover_item_guard();
CREATE FUNCTION custody_exception_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.instructed_at IS NOT NULL OR to_jsonb(NEW) - ARRAY['instruction', 'lifts', 'instructed_code', 'instructed_by',
      'instructed_at'] <> to_jsonb(OLD) - ARRAY['instruction', 'lifts', 'instructed_code', 'instructed_by', 'instructed_at'] THEN
    RAISE EXCEPTION 'custody: an exception stands as reported and instructed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER custody_exception_guard BEFORE UPDATE ON custody_exception
  FOR EACH ROW EXECUTE FUNCTION custody_exception_guard();
REVOKE DELETE, TRUNCATE ON custody_handover, custody_handover_item, custody_handover_person, custody_exception FROM keju_app;
"""
BACK = """
GRANT DELETE ON custody_handover, custody_handover_item, custody_handover_person, custody_exception TO keju_app;
DROP TRIGGER custody_exception_guard ON custody_exception;
DROP FUNCTION custody_exception_guard();
DROP TRIGGER custody_handover_item_guard ON custody_handover_item;
DROP FUNCTION custody_handover_item_guard();
DROP TRIGGER custody_handover_scans_guard ON custody_handover_scan;
DROP FUNCTION custody_handover_scans_guard();
DROP TRIGGER custody_handover_person_guard ON custody_handover_person;
DROP FUNCTION custody_handover_person_guard();
DROP TRIGGER custody_handover_guard ON custody_handover;
DROP FUNCTION custody_handover_guard();
"""
TENANT = ("handover", "handover_item", "handover_person", "handover_batch", "handover_scan", "exception")


class Migration(migrations.Migration):
    dependencies = [("custody", "0016_handovers"), ("approvals", "0002_guard")]
    operations = [
        *(protect(f"custody_{table}") for table in TENANT),
        *(append_only(f"custody_{table}") for table in ("handover_batch", "handover_scan")),
        migrations.RunSQL(GUARD, reverse_sql=BACK),
    ]
