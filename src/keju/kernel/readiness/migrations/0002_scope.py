"""Overrides are seen by their offices and never change."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("readiness", "0001_overrides"), ("offices", "0002_scope_of_events")]
    operations = [protect("readiness_override"), append_only("readiness_override")]
