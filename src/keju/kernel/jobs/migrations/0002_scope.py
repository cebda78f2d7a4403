"""A job is seen in its office's subtree and by whoever started it; the queue's tables are the application's to use."""

from django.db import migrations

from keju.kernel.offices import tenancy

# Said again for a server on which procrastinate's tables were made before the default rights.
RIGHTS = """
DO $$
DECLARE thing text;
BEGIN
  FOR thing IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO keju_app', thing);
  END LOOP;
  FOR thing IN SELECT sequencename FROM pg_sequences
      WHERE schemaname = 'public' AND sequencename LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %I TO keju_app', thing);
  END LOOP;
  FOR thing IN SELECT p.oid::regprocedure::text FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO keju_app', thing);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_work"),
        ("offices", "0001_tree"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        tenancy.protect("jobs_job", person="person_id"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(
            "REVOKE DELETE, TRUNCATE ON jobs_job FROM keju_app", "GRANT DELETE ON jobs_job TO keju_app"
        ),
    ]
