"""Registrations are counted per point, state and category as they change."""

from django.db import migrations

from keju.kernel.offices.tallies import tally


class Migration(migrations.Migration):
    dependencies = [("offices", "0003_tallies"), ("registration", "0003_candidate_limits")]
    operations = [
        tally("registration_registration", "registration", key="state || '/' || category"),
    ]
