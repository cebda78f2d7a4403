"""Decisions and assignments are public; a site and its rooms belong to their host, and are public once reported."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("venues", "0001_hosts_and_sites"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("venues_decision", read_if="true"),
        protect("venues_assignment", read_if="true"),
        protect("venues_site", read_if="reported_at IS NOT NULL"),
        protect("venues_room"),
    ]
