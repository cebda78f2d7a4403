"""A journey is seen by both its ends and those above; its book only grows."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("custody", "0011_journeys")]
    operations = [
        *(protect(f"custody_{table}") for table in ("journey", "journey_crew", "journey_entry")),
        append_only("custody_journey_entry"),
    ]
