"""Openings of sites are seen by their offices and never change."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("examday", "0003_sites"), ("offices", "0002_scope_of_events")]
    operations = [protect("examday_site"), append_only("examday_site")]
