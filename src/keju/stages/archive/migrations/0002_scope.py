"""Bags and their checks are the nation's own and only grow."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_bags"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("archive_bag"),
        protect("archive_check"),
        append_only("archive_bag"),
        append_only("archive_check"),
    ]
