"""A confirmation is its region's own, and is never changed."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0001_confirmations"),
        ("offices", "0002_scope_of_events"),
        ("audit", "0002_only_grows"),
    ]
    operations = [protect("custody_confirmation"), append_only("custody_confirmation")]
