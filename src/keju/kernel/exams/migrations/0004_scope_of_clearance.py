"""Who has passed what: seen by the person's offices and by the person; only grows."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("exams", "0003_clearance")]

    operations = [
        protect("exams_clearance", person="person_id"),
        append_only("exams_clearance"),
    ]
