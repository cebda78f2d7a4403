"""Everything of scoring only grows and belongs to the nation; no office below sees a reading before the release.

What two persons must have said, and what is frozen, holds for whoever writes: the application, or somebody beside it.
"""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

TABLES = (
    "marking_key",
    "marking_key_confirmation",
    "marking_batch",
    "marking_reading",
    "marking_link",
    "marking_unlink",
    "marking_decision",
    "marking_missing",
    "marking_run",
    "marking_score",
    "marking_freeze_proposal",
    "marking_freeze",
)
ENDED = (
    "marking_key",
    "marking_key_confirmation",
    "marking_reading",
    "marking_link",
    "marking_unlink",
    "marking_decision",
    "marking_missing",
    "marking_run",
)
# Once per statement: a run's scores are one statement of many rows.
FROZEN = """
CREATE FUNCTION marking_refuse_after_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM marking_freeze f WHERE f.exam_id IN (SELECT exam_id FROM news)) THEN
    RAISE EXCEPTION 'keju: the scores of this exam are frozen' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION marking_refuse_into_frozen_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM marking_freeze f JOIN marking_run r ON r.exam_id = f.exam_id
             WHERE r.id IN (SELECT run_id FROM news)) THEN
    RAISE EXCEPTION 'keju: the scores of this exam are frozen' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER marking_score_after_freeze AFTER INSERT ON marking_score
  REFERENCING NEW TABLE AS news FOR EACH STATEMENT EXECUTE FUNCTION marking_refuse_into_frozen_run();
"""
AFTER = [
    f"CREATE TRIGGER {table}_after_freeze AFTER INSERT ON {table}"
    " REFERENCING NEW TABLE AS news FOR EACH STATEMENT EXECUTE FUNCTION marking_refuse_after_freeze();"
    for table in ENDED
]
BOUND = """
CREATE FUNCTION marking_freeze_bound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM marking_freeze_proposal p JOIN marking_run r ON r.id = p.run_id
    WHERE p.run_id = NEW.run_id AND r.exam_id = NEW.exam_id AND p.by = NEW.data_administrator
      AND p.scores_digest = NEW.scores_digest AND r.scores_digest = NEW.scores_digest) THEN
    RAISE EXCEPTION 'keju: what is frozen is what was proposed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER marking_freeze_bound BEFORE INSERT ON marking_freeze
  FOR EACH ROW EXECUTE FUNCTION marking_freeze_bound();
CREATE FUNCTION marking_key_bound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM marking_key k
                 WHERE k.id = NEW.key_id AND k.proposed_by = NEW.proposed_by AND k.exam_id = NEW.exam_id) THEN
    RAISE EXCEPTION 'keju: a key is confirmed beside who proposed it' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER marking_key_bound BEFORE INSERT ON marking_key_confirmation
  FOR EACH ROW EXECUTE FUNCTION marking_key_bound();
CREATE FUNCTION marking_attempt_bound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM marking_link l JOIN marking_unlink u ON u.link_id = l.id
    WHERE l.exam_id = NEW.exam_id AND l.session_number = NEW.session_number
      AND l.registration_id = NEW.registration_id AND l.attempt = NEW.attempt - 1) THEN
    RAISE EXCEPTION 'keju: one card each; refuse the former one first' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER marking_attempt_bound BEFORE INSERT ON marking_link
  FOR EACH ROW WHEN (NEW.attempt > 1) EXECUTE FUNCTION marking_attempt_bound();
CREATE FUNCTION marking_unlink_bound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(DISTINCT d.by) FROM marking_decision d JOIN marking_link l ON l.reading_id = d.reading_id
      WHERE l.id = NEW.link_id AND d.question = 0 AND d.answer = 'refuse') < 2 THEN
    RAISE EXCEPTION 'keju: a card is refused by two persons' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER marking_unlink_bound BEFORE INSERT ON marking_unlink
  FOR EACH ROW EXECUTE FUNCTION marking_unlink_bound();
"""
FUNCTIONS = (
    "refuse_after_freeze",
    "refuse_into_frozen_run",
    "freeze_bound",
    "key_bound",
    "attempt_bound",
    "unlink_bound",
)
BACK = " ".join(f"DROP FUNCTION marking_{name} CASCADE;" for name in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("marking", "0001_marking"), ("offices", "0002_scope_of_events")]
    operations = [
        *(protect(table) for table in TABLES),
        *(append_only(table) for table in TABLES),
        migrations.RunSQL("\n".join([FROZEN, *AFTER, BOUND]), reverse_sql=BACK),
    ]
