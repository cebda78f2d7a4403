"""A ticket is seen by its site, point and region, and by its candidate; that a region was opened is public."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_numbers"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("tickets_ticket", candidate="candidate_id"),
        protect("tickets_generation"),
        protect("tickets_opening", read_if="true"),
        append_only("tickets_opening"),
    ]
