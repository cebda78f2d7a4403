"""Plans and drills are seen by their office and those above it; what happened in a drill only grows."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("security", "0003_emergencies"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("security_emergency_plan"),
        protect("security_drill"),
        protect("security_drill_step"),
        append_only("security_drill_step"),
        protect("security_drill_person"),
        append_only("security_drill_person"),
    ]
