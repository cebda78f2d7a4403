"""Rooms are seen by their offices; entries only grow."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("examday", "0001_rooms"), ("offices", "0002_scope_of_events")]
    operations = [protect("examday_room"), protect("examday_entry"), append_only("examday_entry")]
