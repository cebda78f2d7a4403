"""Recordings are kept: nobody deletes one, shortens its term, changes what it is, or disposes of it early or unsigned."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

KEEP = """
CREATE FUNCTION security_recording_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'keju: a recording is not deleted' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.disposed_at IS NOT NULL OR (OLD.exam_id, OLD.site_code, OLD.room, OLD.session, OLD.sha256, OLD.size)
     IS DISTINCT FROM (NEW.exam_id, NEW.site_code, NEW.room, NEW.session, NEW.sha256, NEW.size) THEN
    RAISE EXCEPTION 'keju: a recording stays what it is' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.keep_until < OLD.keep_until THEN
    RAISE EXCEPTION 'keju: the term of a recording is not shortened' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.disposed_at IS NOT NULL THEN
    IF (NEW.disposed_at AT TIME ZONE 'Asia/Shanghai')::date <= NEW.keep_until THEN
      RAISE EXCEPTION 'keju: a recording is kept until its term is over' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM security_disposal d WHERE d.id = NEW.disposal_id AND d.state = 'approved'
                   AND d.recordings @> to_jsonb(NEW.id)) THEN
      RAISE EXCEPTION 'keju: a recording is disposed of by a signed order' USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER security_recording_kept BEFORE UPDATE OR DELETE ON security_recording
  FOR EACH ROW EXECUTE FUNCTION security_recording_kept();
"""
UNDO = "DROP TRIGGER security_recording_kept ON security_recording; DROP FUNCTION security_recording_kept();"


class Migration(migrations.Migration):
    dependencies = [("security", "0009_recordings"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("security_disposal"),
        protect("security_recording"),
        migrations.RunSQL(KEEP, UNDO),
        protect("security_recording_check"),
        append_only("security_recording_check"),
        protect("security_replay"),
        append_only("security_replay"),
    ]
