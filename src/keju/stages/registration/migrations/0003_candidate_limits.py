"""A candidate edits and withdraws their own registration; what offices decide about it is out of their reach."""

from django.db import migrations

CANDIDATE_SCOPE = (
    "current_setting('keju.candidate', true) <> '' AND coalesce(current_setting('keju.path', true), '') = ''"
)
GUARD = f"""
CREATE FUNCTION registration_refuse_to_candidate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'keju: a candidate does not decide about a registration' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER registration_candidate_adds BEFORE INSERT ON registration_registration FOR EACH ROW
  WHEN ({CANDIDATE_SCOPE} AND (NEW.state <> 'submitted' OR NEW.decided_at IS NOT NULL
    OR NEW.reason <> '' OR NEW.photo_overruled_by <> ''))
  EXECUTE FUNCTION registration_refuse_to_candidate();
CREATE TRIGGER registration_candidate_changes BEFORE UPDATE ON registration_registration FOR EACH ROW
  WHEN ({CANDIDATE_SCOPE} AND (OLD.state <> 'submitted' OR NEW.state NOT IN ('submitted', 'withdrawn')
    OR (NEW.state = 'submitted'
      AND (NEW.decided_at, NEW.reason) IS DISTINCT FROM (OLD.decided_at, OLD.reason))
    OR (NEW.photo_overruled_by <> ''
      AND (NEW.photo_overruled_by, NEW.photo_sha256) <> (OLD.photo_overruled_by, OLD.photo_sha256))
    OR (NEW.id, NEW.exam_id, NEW.candidate_id, NEW.identity_index, NEW.identity, NEW.submitted_at)
      <> (OLD.id, OLD.exam_id, OLD.candidate_id, OLD.identity_index, OLD.identity, OLD.submitted_at)))
  EXECUTE FUNCTION registration_refuse_to_candidate();
CREATE TRIGGER registration_candidate_removes BEFORE DELETE ON registration_registration FOR EACH ROW
  WHEN ({CANDIDATE_SCOPE})
  EXECUTE FUNCTION registration_refuse_to_candidate();
"""


class Migration(migrations.Migration):
    dependencies = [("registration", "0002_scope")]
    operations = [
        migrations.RunSQL(GUARD, reverse_sql="DROP FUNCTION registration_refuse_to_candidate CASCADE"),
    ]
