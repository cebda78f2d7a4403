"""Devices are seen by their office; a device is at one place at a time, whoever writes."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

# Two ranges instead of an equality, so that no extension is needed.
ONE_PLACE = """
ALTER TABLE security_device_use ADD CONSTRAINT security_device_use_one_at_a_time EXCLUDE USING gist (
  int8range(device_id, device_id, '[]') WITH &&, tstzrange(from_at, until_at) WITH &&
) WHERE (ended_at IS NULL)
"""


class Migration(migrations.Migration):
    dependencies = [("security", "0007_devices"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("security_entrance"),
        protect("security_device"),
        protect("security_device_test"),
        append_only("security_device_test"),
        protect("security_device_use"),
        migrations.RunSQL(
            ONE_PLACE, "ALTER TABLE security_device_use DROP CONSTRAINT security_device_use_one_at_a_time"
        ),
    ]
