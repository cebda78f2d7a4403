"""V12.2.4 in the database, and a stretch of watch is entered once by its device's key.

Who has a key of a store while papers are kept stands on no roster of its guards in force.

Asked where either side comes about: when a key is given, and when a roster is published. Before papers come every shift and every
key in somebody's hands count; afterwards those of the time of keeping, over or not. Humans, not entries of persons (ADR 19).
The trigger brings its own scope: a check that sees nothing would let all pass.
"""

from django.db import migrations, models

# "store_guard": the rosters of guards of every programme (custody/tests/test_guards.py compares)
APART = """
CREATE FUNCTION custody_guards_hold_no_keys() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
DECLARE
  office text;
BEGIN
  IF TG_TABLE_NAME = 'staffing_roster' THEN
    office := NEW.office_code;
  ELSE
    SELECT s.office_code INTO office FROM custody_store s WHERE s.id = NEW.store_id;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('guards and keys ' || office, NEW.exam_id));
  IF EXISTS (
    WITH kept AS (
      SELECT min((SELECT min(p.at) FROM custody_step p
        WHERE p.exam_id = s.exam_id AND p.place = 'store:' || s.id)) AS since
      FROM custody_store s WHERE s.exam_id = NEW.exam_id AND s.office_code = office
    ), held AS (
      SELECT k.holder_id, lead(k.at) OVER (PARTITION BY k.store_id, k.lock, k.label ORDER BY k.number) AS until
      FROM custody_key_step k JOIN custody_store s ON s.id = k.store_id
      WHERE s.exam_id = NEW.exam_id AND s.office_code = office
    ), holders AS (
      SELECT coalesce(p.human, p.id) AS human FROM held JOIN accounts_person p ON p.id = held.holder_id, kept
      WHERE held.until IS NULL OR held.until > kept.since
    )
    SELECT FROM staffing_frozen_shift f
    JOIN staffing_roster r ON r.id = f.roster_id AND r.published = f.number
    JOIN staffing_member m ON m.id = f.member_id
    JOIN accounts_person p ON p.id = m.person_id, kept
    WHERE r.exam_id = NEW.exam_id AND r.office_code = office AND r.kind = 'store_guard' AND NOT f.gone
      AND (kept.since IS NULL OR f.ends_at > kept.since) AND coalesce(p.human, p.id) IN (SELECT human FROM holders)
  ) THEN
    RAISE EXCEPTION 'custody: who keeps a key of the store does not guard it' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER custody_guards_hold_no_keys AFTER INSERT ON custody_key_step
  FOR EACH ROW WHEN (NEW.holder_id IS NOT NULL) EXECUTE FUNCTION custody_guards_hold_no_keys();
CREATE TRIGGER custody_guards_hold_no_keys AFTER UPDATE OF published ON staffing_roster
  FOR EACH ROW WHEN (NEW.published <> OLD.published AND NEW.kind = 'store_guard')
  EXECUTE FUNCTION custody_guards_hold_no_keys();
"""
BACK = """
DROP TRIGGER custody_guards_hold_no_keys ON staffing_roster;
DROP TRIGGER custody_guards_hold_no_keys ON custody_key_step;
DROP FUNCTION custody_guards_hold_no_keys();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_scope_of_foreign_tries"),
        ("custody", "0021_key_cases"),
        ("staffing", "0014_sector_sure"),
    ]

    operations = [
        migrations.RunSQL(APART, BACK),
        migrations.AddField(
            model_name="watchspan", name="key", field=models.UUIDField(null=True), preserve_default=True
        ),
        migrations.AddConstraint(
            model_name="watchspan",
            constraint=models.UniqueConstraint(fields=("exam", "key"), name="custody_watch_span_once"),
        ),
    ]
