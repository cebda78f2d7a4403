"""The ticks of a site are entries of its checklist now, and entries only grow."""

from django.db import migrations

from keju.kernel.audit.tables import append_only


class Migration(migrations.Migration):
    dependencies = [("venues", "0007_scope_of_checklists"), ("audit", "0002_only_grows")]
    operations = [
        append_only("venues_attestation"),
        migrations.RemoveField(model_name="site", name="attested"),
    ]
