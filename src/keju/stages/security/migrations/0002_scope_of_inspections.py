"""Inspections and findings are seen by the office concerned and those above it; answers and steps only grow."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("security", "0001_inspections"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("security_inspection"),
        protect("security_answer"),
        append_only("security_answer"),
        protect("security_finding"),
        protect("security_finding_step"),
        append_only("security_finding_step"),
    ]
