"""The log's tables only grow; a queue says which events the sequencer has yet to place."""

from django.db import migrations

from keju.kernel.audit.tables import append_only

PENDING = """
CREATE TABLE audit_pending (event_id uuid PRIMARY KEY, arrival bigint GENERATED ALWAYS AS IDENTITY);
CREATE FUNCTION audit_event_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_pending (event_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_event_queue AFTER INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_event_queue();
GRANT SELECT, INSERT, DELETE ON audit_pending TO keju_app;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_log")]
    operations = [
        append_only("audit_event"),
        append_only("audit_leaf"),
        append_only("audit_node"),
        append_only("audit_checkpoint"),
        migrations.RunSQL(
            PENDING, reverse_sql="DROP FUNCTION audit_event_queue CASCADE; DROP TABLE audit_pending;"
        ),
    ]
