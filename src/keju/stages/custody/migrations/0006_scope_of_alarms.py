"""An alarm is seen where it is; it is never taken back, only over."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect

ONLY_OVER = """
REVOKE UPDATE, DELETE, TRUNCATE ON custody_alarm FROM keju_app;
GRANT UPDATE (cleared_at) ON custody_alarm TO keju_app;
"""


class Migration(migrations.Migration):
    dependencies = [("custody", "0005_alarms"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("custody_alarm"),
        migrations.RunSQL(ONLY_OVER, reverse_sql="GRANT UPDATE, DELETE ON custody_alarm TO keju_app;"),
    ]
