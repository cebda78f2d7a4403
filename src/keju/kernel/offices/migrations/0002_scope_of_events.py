"""An office sees the events of its subtree; anybody's write may add one."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("offices", "0001_tree"), ("audit", "0002_only_grows")]
    operations = [protect("audit_event", insert_if="true")]
